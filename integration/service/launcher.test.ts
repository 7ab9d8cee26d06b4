import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";

let root: string;
let path: string;

/** An installed tree with the launcher in it, and a PATH with nothing but the usual tools. */
beforeEach(async () => {
  root = await privateDirectory("launcher");
  cpSync("bin", join(root, "bin"), { recursive: true });
  path = join(root, "path");
  mkdirSync(path);
  for (const tool of ["sh", "dirname", "readlink"]) {
    symlinkSync(execFileSync("which", [tool], { encoding: "utf8" }).trim(), join(path, tool));
  }
});
afterEach(() => rmSync(root, { recursive: true }));

function program(name: string, script: string): void {
  writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(path, name), 0o755);
}

function built(): void {
  mkdirSync(join(root, "dist/src/cli"), { recursive: true });
  writeFileSync(join(root, "dist/src/cli/main.js"), "console.log(JSON.stringify(process.argv.slice(2)))");
}

function launch(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(root, "bin/configdrive"), args, {
    env: { PATH: path },
    encoding: "utf8",
  });
  return { status, stdout, stderr: stderr.replaceAll(root, "ROOT").trim() };
}

test("a tree that is not built says what to do", () => {
  expect(launch()).toEqual({
    status: 1,
    stdout: "",
    stderr: "configdrive: not built: ROOT/dist/src/cli/main.js is missing; run make in ROOT",
  });
});

test.each([
  ["none", () => undefined, "none"],
  ["an old one", () => program("node", "case $1 in -e) exit 1;; *) echo v18.20.4;; esac"), "v18.20.4"],
])("where Node.js is %s it says which one is needed", (_, install, found) => {
  built();
  install();
  expect(launch()).toEqual({
    status: 1,
    stdout: "",
    stderr: `configdrive: needs Node.js 22.22 or newer in PATH (found: ${found}); make setup in ROOT brings one`,
  });
});

test("with a Node.js in PATH that is new enough the arguments arrive as they were given, also through a link", () => {
  built();
  symlinkSync(process.execPath, join(path, "node"));
  expect(launch("serve", "--config-file", "a b", "").stdout).toBe('["serve","--config-file","a b",""]\n');
  const link = join(path, "configdrive");
  symlinkSync(join(root, "bin/configdrive"), link);
  expect(spawnSync(link, ["x"], { env: { PATH: path }, encoding: "utf8" }).stdout).toBe('["x"]\n');
});
