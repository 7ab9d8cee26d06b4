// Runs the unit tests and the suites one after the other, tells what each took, and sums them up in the last line.
//
//   node tools/test.ts --unit          the unit tests, each property on a few samples
//   node tools/test.ts --short         the unit tests, then the short form of every suite that needs no containers
//   node tools/test.ts --suite NAME    one suite in full
//   node tools/test.ts --rigs          the short form of every suite that needs containers
//   node tools/test.ts --all           everything in full
//
// A suite is a folder below integration/ with jest tests. Its file `packages` names the Debian packages it needs,
// `packages.full` those that only its full form needs; a file `containers` says that its tests need containers, and for what;
// `workers.full` how many of its test files run side by side in its full form, where that is not one after the other. Files
// `*.full.test.ts` run in the full form alone.
// A suite reads FORM (short or full) from its environment.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";

interface Part {
  readonly name: string;
  readonly form: "short" | "full";
  readonly jest: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
}

const root = new URL("..", import.meta.url).pathname;
process.chdir(root);
const suites = readdirSync("integration").filter((name) => hasTests(`integration/${name}`));
const [rigs, others] = [suites.filter(needsContainers), suites.filter((name) => !needsContainers(name))];

/** Unit tests take every processor, where jest would leave one idle, and keep their files in memory: no disk is waited for. */
function unit(form: Part["form"]): Part {
  const jest = ["--maxWorkers=100%", "--testPathIgnorePatterns", "/integration/"];
  return { name: "unit", form, jest, environment: existsSync("/dev/shm") ? { TMPDIR: "/dev/shm" } : {} };
}

function suite(name: string, form: Part["form"]): Part {
  const workers = `integration/${name}/workers.full`;
  const order =
    form === "full" && existsSync(workers) ? `--maxWorkers=${readFileSync(workers, "utf8").trim()}` : "--runInBand";
  const left = form === "full" ? [] : ["--testPathIgnorePatterns", "\\.full\\.test\\.ts$"];
  return { name, form, jest: [order, `integration/${name}/`, ...left] };
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function chosen(args: readonly string[]): Part[] {
  switch (args[0]) {
    case "--unit":
      return [unit("short")];
    case "--short":
      return [unit("short"), ...others.map((name) => suite(name, "short"))];
    case "--rigs":
      return rigs.map((name) => suite(name, "short"));
    case "--all":
      return [unit("full"), ...suites.map((name) => suite(name, "full"))];
    case "--suite":
      if (args[1] === "unit") return [unit("full")];
      if (args[1] === undefined || !suites.includes(args[1]))
        fail(`no suite ${args[1]}; there are: unit ${suites.join(" ")}`);
      return [suite(args[1], "full")];
    default:
      return fail("usage: tools/test.ts --unit | --short | --suite NAME | --rigs | --all");
  }
}

function hasTests(directory: string): boolean {
  return (
    statSync(directory).isDirectory() &&
    readdirSync(directory, { recursive: true }).some((file) => String(file).endsWith(".test.ts"))
  );
}

function needsContainers(name: string): boolean {
  return existsSync(`integration/${name}/containers`);
}

/** Runs jest on one part. A test that was skipped, or a file that could not be loaded, counts as failed. */
function run(part: Part): Outcome {
  const report = `.cache/report-${part.name}.json`;
  mkdirSync(".cache", { recursive: true });
  rmSync(report, { force: true });
  console.log(`\n== ${part.name} (${part.form})`);
  const start = performance.now();
  const result = spawnSync("jest", [...part.jest, "--json", "--outputFile", report], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      ...part.environment,
      FORM: part.form,
      NODE_OPTIONS: "--experimental-vm-modules --disable-warning=ExperimentalWarning",
    },
  });
  const seconds = (performance.now() - start) / 1000;
  if (!existsSync(report)) return { passed: 0, failed: 1, seconds };
  const json = JSON.parse(readFileSync(report, "utf8"));
  const failed = json.numFailedTests + json.numRuntimeErrorTestSuites + json.numPendingTests + json.numTodoTests;
  // Jest may end badly with every test passed, such as when no test was found.
  return { passed: json.numPassedTests, failed: failed === 0 && result.status !== 0 ? 1 : failed, seconds };
}

const parts = chosen(process.argv.slice(2));
const packageLists = parts
  .flatMap(({ name, form }) => [
    `integration/${name}/packages`,
    ...(form === "full" ? [`integration/${name}/packages.full`] : []),
  ])
  .filter((file) => existsSync(file));
if (packageLists.length > 0) {
  const need = spawnSync(
    "tools/need",
    packageLists.flatMap((file) => ["--file", file]),
    { stdio: "inherit" },
  );
  if (need.status !== 0) process.exit(1);
}

const outcomes = parts.map((part) => ({ part, ...run(part) }));
const width = Math.max(...parts.map((part) => part.name.length), 5);
console.log("");
for (const { part, passed, failed, seconds } of outcomes) {
  const counts = `${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed`;
  console.log(`${part.name.padEnd(width)} ${part.form.padEnd(5)} ${counts} ${seconds.toFixed(1).padStart(8)} s`);
}
const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
console.log(
  `${"total".padEnd(width + 6)} ${sum((o) => o.seconds)
    .toFixed(1)
    .padStart(34)} s`,
);
console.log(`${sum((o) => o.passed)} passed, ${sum((o) => o.failed)} failed`);
process.exit(sum((o) => o.failed) === 0 ? 0 : 1);
