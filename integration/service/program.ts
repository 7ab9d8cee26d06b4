import { execFile } from "node:child_process";
import { resolve } from "node:path";

/** How a run of the program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs `bin/configdrive` to its end, as a shell would; killed after 60 seconds. */
export function runProgram(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  return new Promise((end) => {
    const child = execFile(
      resolve("bin/configdrive"),
      [...args],
      { env: { ...inherited, ...env }, timeout: 60_000, killSignal: "SIGKILL" },
      (_error, _stdout, stderr) => end({ code: child.exitCode, stderr }),
    );
  });
}
