import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The version before this one, as `tools/pack-previous` put it aside: its program, unpacked below the repository, whose npm packages it
 * runs with.
 */
export class Previous implements AsyncDisposable {
  private constructor(
    private readonly directory: string,
    /** The commit that it was made of. */
    readonly commit: string,
  ) {}

  static async unpack(): Promise<Previous> {
    const directory = resolve(".cache", `previous-${process.pid}`);
    await mkdir(directory, { recursive: true });
    await run("tar", ["-xzf", resolve("integration/operate/previous.tgz"), "-C", directory]);
    await chmod(join(directory, "bin/configdrive"), 0o755);
    return new Previous(directory, (await readFile(join(directory, "COMMIT"), "utf8")).trim());
  }

  get program(): string {
    return join(this.directory, "bin/configdrive");
  }

  /** The newest migration of the catalog that it knows. */
  async newestMigration(): Promise<string> {
    const files = await readdir(join(this.directory, "dist/src/catalog/migrations"));
    const numbered = files.filter((file) => /^\d{4}-.*\.js$/.test(file)).sort();
    return (numbered.at(-1) ?? "").replace(/\.js$/, "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
