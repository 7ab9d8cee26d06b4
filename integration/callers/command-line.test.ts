import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { jest } from "@jest/globals";
import { FakeService } from "#fake/fake-service.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { Terminal } from "./terminal.js";

// Each command is a process of its own.
jest.setTimeout(120_000);

const scope = new Scope();
let folder: string;
let service: Service;
/** As a person has it who works with the service. */
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await privateDirectory("command-line");
  await mkdir(join(folder, "instances/vm-1"), { recursive: true });
  service = await scope.own(Service.start({ instances: join(folder, "instances") }));
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const PATH = `${resolve("bin")}:${process.env.PATH}`;
  env = { ...inherited, PATH, HOME: folder, CONFIGDRIVE_SERVER: service.address, OS_PROJECT_ID: "demo" };
}, 120_000);
afterAll(async () => {
  await scope[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/**
 * Runs a script and gives how it ended. Below another shell: bash reads the user's start-up file where its input is a socket, as
 * Node.js makes it, and no shell is above.
 */
function shell(
  script: string,
  more: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((end) => {
    const child = execFile(
      "bash",
      ["-euc", script],
      { cwd: folder, env: { SHLVL: "1", ...env, ...more } },
      (_error, out, err) => end({ code: child.exitCode, out, err }),
    );
  });
}

test("the page's tour works as it stands", async () => {
  const page = await readFile("docs/cli.md", "utf8");
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? "");
  expect(blocks).toHaveLength(1);
  const { code, out, err } = await shell(blocks[0] ?? "");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^[0-9a-f-]{36} {2}IN_USE {2}generation 1 {2}vm-1$/m);
  expect(out).toMatch(/^~ user-data /m);
  expect(out).toMatch(/"state": "DRIVE_STATE_IN_USE"/);
  expect(out).toContain("  CURRENT");
  expect((await shell("configdrive list")).out).toBe("");
});

test("how a command ends tells what it was", async () => {
  const nowhere = { CONFIGDRIVE_SERVER: `unix:${folder}/nobody` };
  expect(await shell("configdrive attach")).toMatchObject({ code: 64, err: expect.stringContaining("'drive'") });
  expect(await shell("configdrive lsit")).toMatchObject({
    code: 64,
    err: expect.stringContaining("Did you mean list?"),
  });
  expect(await shell("configdrive list", nowhere)).toMatchObject({
    code: 69,
    err: expect.stringContaining("See that the service runs"),
  });
  const refused = await shell("configdrive show 11111111-2222-4333-8444-555555555555");
  expect([refused.code, refused.err.split("\n")[1]]).toEqual([
    1,
    "  Correct the id; the drive may have gone with its instance.",
  ]);
  await using busy = await FakeService.start();
  busy.refuse("ListDrives", "CATALOG_FAILED");
  expect(await shell("configdrive list", { CONFIGDRIVE_SERVER: busy.target })).toMatchObject({ code: 75 });
  await writeFile(join(folder, "bad.conf"), "[DEFAULT]\ndebug = maybe\n");
  expect(await shell("configdrive config check --config-file bad.conf")).toMatchObject({ code: 78 });
});

test("the program tells its version, as its package has it", async () => {
  const { version } = JSON.parse(await readFile("package.json", "utf8"));
  for (const flag of ["--version", "-V"])
    expect(await shell(`configdrive ${flag}`)).toEqual({ code: 0, out: `${version}\n`, err: "" });
});

test("colours and headings are for terminals, and not where NO_COLOR is", async () => {
  const made = await shell("printf x > blob; configdrive populate --blob blob");
  const id = made.out.slice(0, 36);
  const listed = async (more: NodeJS.ProcessEnv = {}) => {
    await using terminal = Terminal.open("configdrive list", folder, { ...env, ...more });
    return await terminal.ended();
  };
  expect(await listed()).toContain(`${id}  \u001b[32mAVAILABLE\u001b[0m`);
  expect(await listed({ NO_COLOR: "1" })).toMatch(/^DRIVE +STATE +SHOWS\s+INSTANCES\r\n[0-9a-f-]{36} {2}AVAILABLE/);
  expect((await shell("configdrive list")).out).toBe(`${id}  AVAILABLE  generation 1 when attached\n`);
  await shell(`configdrive delete ${id}`);
});

const TAB = "\t";

/** A drive for as long as a shell completes its id. */
async function withDrive(use: (id: string) => Promise<void>): Promise<void> {
  const { out } = await shell("printf x > blob; configdrive populate --blob blob | head -n 1 | cut -d ' ' -f 1");
  const id = out.trim();
  try {
    await use(id);
  } finally {
    await shell(`configdrive delete ${id}`);
  }
}

test("bash completes what is typed at a terminal", async () => {
  await using terminal = Terminal.open("bash --norc --noprofile -i", folder, { ...env, PS1: "> " });
  await terminal.after('bind "set bell-style none"; eval "$(configdrive completion bash)"; echo re""ady\n', /ready/);
  await terminal.after(`configdrive compl${TAB}`, /configdrive completion $/);
  await terminal.after(`\u0015configdrive drive pop${TAB}--form${TAB}v${TAB}`, /populate --format vfat $/);
  await terminal.after(`\u0015configdrive run --template inst${TAB}`, /--template instances\/$/);
  await terminal.after(`\u0015configdrive config ${TAB}`, /config check $/);
  await withDrive(async (id) => {
    await terminal.after(`\u0015configdrive attach ${TAB}`, new RegExp(`attach ${id} $`));
    await terminal.after(`\u0015configdrive watch --drive ${id.slice(0, 4)}${TAB}`, new RegExp(`--drive ${id} $`));
  });
});

test("zsh completes what is typed at a terminal", async () => {
  await using terminal = Terminal.open("zsh -f -i", folder, { ...env, PS1: "> " });
  const start = "autoload -Uz compinit; compinit -u -D; source <(configdrive completion zsh); echo re''ady\n";
  await terminal.after(start, /ready/);
  await terminal.after(`configdrive drive pop${TAB}--form${TAB}v${TAB}`, /vfat/);
  await terminal.after(`\u0015configdrive conf${TAB}${TAB}`, /check/);
  await withDrive(async (id) => {
    await terminal.after(`\u0015configdrive show ${TAB}`, new RegExp(id));
  });
});

test("fish completes what is asked for", async () => {
  const complete = (line: string) =>
    shell(`fish --no-config --command 'configdrive completion fish | source; complete --do-complete "${line}"'`);
  expect((await complete("configdrive drive populate --format ")).out).toMatch(/^iso9660\t.*\nraw\t.*\nvfat\t.*\n$/);
  expect((await complete("configdrive att")).out).toMatch(/^attach\tshow a drive to an instance\n/);
  expect((await complete("configdrive drive inspect --gen")).out).toMatch(/^--generation\t/);
  await withDrive(async (id) => {
    expect((await complete("configdrive show ")).out).toBe(`${id}\n`);
    expect((await complete(`configdrive attach ${id} `)).out).toBe("");
  });
});

test("a completion that finds no service, or may not ask it, says nothing", async () => {
  for (const away of [{ CONFIGDRIVE_SERVER: `unix:${folder}/nobody` }, { CONFIGDRIVE_CERT: "no-such-file" }]) {
    expect(await shell("configdrive drive-ids", away)).toEqual({ code: 0, out: "", err: "" });
  }
});
