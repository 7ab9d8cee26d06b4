import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { jest } from "@jest/globals";
import { privateDirectory } from "../rigs/private-directory.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(180_000);

const scope = new Scope();
let directory: string;
let service: Service;

beforeAll(async () => {
  directory = await privateDirectory("operate-pages");
  await mkdir(join(directory, "vm-1"));
  const broker = await scope.own(RabbitMq.start());
  service = await scope.own(Service.start({ transportUrl: broker.transportUrl, instances: directory }));
}, 180_000);
afterAll(async () => {
  await scope[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** The commands of a page, block by block. */
async function blocksOf(page: string): Promise<readonly string[]> {
  const text = await readFile(join("docs", page), "utf8");
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? "");
}

/** Runs a block as a reader would type it, in a folder of its own; ends at the first command that fails. */
function run(block: string, more: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; said: string }> {
  const { NODE_OPTIONS: _, ...ours } = process.env;
  const path = `${resolve("bin")}:${dirname(process.execPath)}:${ours.PATH}`;
  // Below another shell: bash reads the user's start-up file where its input is a socket, as Node.js makes it, and no shell is above.
  const env = { SHLVL: "1", ...ours, PATH: path, CONFIGDRIVE_SERVER: service.address, OS_PROJECT_ID: "demo", ...more };
  return new Promise((done) => {
    const child = execFile("bash", ["-euc", block], { cwd: directory, env }, (_error, out, errors) =>
      done({ code: child.exitCode, said: `${out}${errors}` }),
    );
  });
}

test("docs/guests.md: each kind's drive is built and found whole", async () => {
  const blocks = await blocksOf("guests.md");
  expect(blocks).toHaveLength(3);
  const said: string[] = [];
  for (const block of blocks) {
    const ran = await run(block);
    expect(ran).toMatchObject({ code: 0 });
    said.push(ran.said);
  }
  expect(said[0]).toMatch(/linux\.img: iso9660 config-2/);
  expect(said[0]).toContain("linux.img: no faults");
  expect(said[0]).toContain("user_data");
  expect(said[1]).toMatch(/windows\.img: iso9660 config-2/);
  expect(said[1]).toMatch(/windows-disk\.img: vfat/);
  expect(said[1]).toContain("windows-disk.img: no faults");
  expect(said[2]).toMatch(/minimal\.img: iso9660 config-2/);
  expect(said[2]).toContain("they differ");
});

test("docs/troubleshooting.md: the first look finds a service that is well, and a drive", async () => {
  const blocks = await blocksOf("troubleshooting.md");
  expect(blocks).toHaveLength(2);
  const made = await run("printf x > blob; configdrive populate --blob blob");
  const [drive = ""] = made.said.split(" ");
  expect((await run(`configdrive attach ${drive} vm-1`)).code).toBe(0);
  const more = { CONF: service.configFile, DRIVE: drive };
  const first = await run(blocks[0] ?? "", more);
  expect(first).toMatchObject({ code: 0, said: expect.stringContaining("the configuration can be used") });
  expect(first.said).toContain("the service answers");
  const second = await run(blocks[1] ?? "", more);
  expect(second).toMatchObject({ code: 0, said: expect.stringContaining("ATTACHED") });
});

test("every link between pages leads to a page and a heading that are there", async () => {
  const pages = (await readdir("docs")).filter((name) => name.endsWith(".md"));
  const texts = new Map(
    await Promise.all(pages.map(async (name) => [name, await readFile(`docs/${name}`, "utf8")] as const)),
  );
  const missing: string[] = [];
  for (const [name, text] of texts) {
    const prose = text.replace(/^```.*?^```$/gms, "");
    for (const [, target = "", anchor] of prose.matchAll(/\]\(((?:[\w-]+\.md)?)(?:#([\w-]+))?\)/g)) {
      const page = target === "" ? name : target;
      const there = texts.get(page);
      if (there === undefined) missing.push(`${name}: ${page}`);
      else if (anchor !== undefined && !anchorsOf(there).has(anchor)) missing.push(`${name}: ${page}#${anchor}`);
    }
  }
  expect(missing).toEqual([]);
});

/** Headings as GitHub turns them into anchors. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}
