import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a guest of the suites boots. */
export interface GuestImage {
  readonly kernel: string;
  readonly initramfs: string;
  readonly commandLine: string;
}

/** The kernel and the initramfs (`guest/image`), made at the first use. */
export async function guestImage(): Promise<GuestImage> {
  const { stdout } = await run(resolve("integration/rigs/guest/image"), [resolve(".cache/guest")], {
    timeout: 300_000,
  });
  const directory = stdout.trim();
  return {
    kernel: join(directory, "vmlinuz"),
    initramfs: join(directory, "initramfs"),
    commandLine: "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off nokaslr cryptomgr.notests",
  };
}
