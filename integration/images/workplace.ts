import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a program did. */
export interface Ran {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

/** A temporary directory with programs run in it; it is gone at the end of a `using` block. */
export class Workplace implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "configdrive-images-"));

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Runs a program and gives its output; throws when it does not end with 0. Times and names are the same everywhere. */
  run(command: string, args: readonly string[], input?: string): string {
    const options = {
      cwd: this.directory,
      env: environment(),
      maxBuffer: 1 << 28,
      encoding: "utf8" as const,
      input: input ?? "",
    };
    return execFileSync(command, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  }

  /** Runs a program that may fail. */
  try(command: string, args: readonly string[], input?: string): Ran {
    const options = {
      cwd: this.directory,
      env: environment(),
      maxBuffer: 1 << 28,
      encoding: "utf8" as const,
      input: input ?? "",
    };
    const { status, stdout, stderr, error } = spawnSync(command, args, options);
    if (error !== undefined) throw error;
    return { exitCode: status ?? -1, output: stdout, errors: stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function environment(): NodeJS.ProcessEnv {
  return {
    PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin`,
    HOME: "/nonexistent",
    TZ: "UTC",
    LC_ALL: "C.UTF-8",
    SOURCE_DATE_EPOCH: "1700000000",
    MTOOLS_SKIP_CHECK: "1",
  };
}
