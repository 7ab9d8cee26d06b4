import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The version of this machine's QEMU, such as `7.2.22`. */
export async function qemuVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)("qemu-system-x86_64", ["--version"]);
  return /version ([0-9.]+)/.exec(stdout)?.[1] ?? stdout.trim();
}
