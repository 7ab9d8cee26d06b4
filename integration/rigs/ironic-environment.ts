import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const FOLDER = resolve(".cache/ironic-redfish");
const PACKAGES = "integration/rigs/ironic/requirements.txt";

/** A program of the environment, by its name. */
export function programOf(name: string): string {
  return join(FOLDER, "bin", name);
}

/** The version of a package of it. */
export async function versionOf(name: string): Promise<string> {
  return new RegExp(`^${name}==(.*)$`, "m").exec(await readFile(PACKAGES, "utf8"))?.[1] ?? "";
}

/** Makes a virtual environment with Ironic and sushy-tools from PyPI where it is missing or was made of other packages. */
export async function installIronic(): Promise<void> {
  const note = join(FOLDER, "complete");
  const packages = await readFile(PACKAGES, "utf8");
  if ((await readFile(note, "utf8").catch(() => undefined)) === packages) return;
  await rm(FOLDER, { recursive: true, force: true });
  await run("/usr/bin/python3", ["-m", "venv", FOLDER]);
  // They are all there is to it, so that nothing has to be worked out.
  const how = ["install", "--quiet", "--no-deps", "--no-compile", "--requirement", PACKAGES];
  await run(programOf("pip"), how, { timeout: 600_000 });
  await writeFile(note, packages);
}
