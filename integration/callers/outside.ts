import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { privateDirectory } from "../rigs/private-directory.js";

const run = promisify(execFile);
const lock = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), devOptional: z.boolean().optional() })),
});

/** A folder outside the project, with the packed package installed in it and a program of somebody's. */
export class Outside implements AsyncDisposable {
  private constructor(readonly directory: string) {}

  /** Packs the project as npm would publish it, and installs that. */
  static async make(program: string): Promise<Outside> {
    const directory = await privateDirectory("outside");
    const outside = new Outside(directory);
    try {
      const packed = await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", directory]);
      const installed = join(directory, "node_modules/configdrive-bridge");
      await mkdir(installed, { recursive: true });
      await run("tar", ["-xzf", join(directory, packed.stdout.trim()), "-C", installed, "--strip-components=1"]);
      await linkDependencies(directory);
      await cp(program, directory, { recursive: true });
      await writeFile(join(directory, "package.json"), '{ "private": true, "type": "module" }\n');
      const compilerOptions = { module: "nodenext", target: "es2024", lib: ["es2024", "esnext.disposable"] };
      const strict = {
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        types: ["node"],
      };
      await writeFile(
        join(directory, "tsconfig.json"),
        JSON.stringify({ compilerOptions: { ...compilerOptions, ...strict, outDir: "out" }, include: ["*.ts"] }),
      );
      return outside;
    } catch (error) {
      await outside[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Adds a module to the program. */
  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.directory, name), text);
  }

  /** Compiles the program, types of libraries and all. Rejects with what the compiler says. */
  async compile(): Promise<void> {
    await run(resolve("node_modules/.bin/tsc"), ["-p", "."], { cwd: this.directory }).catch(
      (error: { stdout?: string }) => {
        throw new Error(error.stdout ?? String(error));
      },
    );
  }

  /** Runs a compiled module, and gives what it printed. */
  async run(module: string, ...args: string[]): Promise<string> {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const { stdout } = await run(process.execPath, [join("out", module), ...args], {
      cwd: this.directory,
      env: { ...env, NODE_OPTIONS: "--disable-warning=ExperimentalWarning" },
    });
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** What the package needs to run, as the project has it: nothing of the tests' and tools' own. */
async function linkDependencies(directory: string): Promise<void> {
  const { packages } = lock.parse(JSON.parse(await readFile("package-lock.json", "utf8")));
  const needed = Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !devOptional)
    .map(([path]) => path);
  for (const path of needed) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await symlink(resolve(path), join(directory, path));
  }
}
