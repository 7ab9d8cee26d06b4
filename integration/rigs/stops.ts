import fs, { readSync, writeSync } from "node:fs";
import promises, { open } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { QmpClient } from "#adapters/qemu/qmp.js";
import { ReplySender } from "#bus/server/reply-sender.js";
import { SqlCatalog } from "#catalog/sql-catalog.js";
import { ImageDirectory } from "#daemon/image-directory.js";

/**
 * Loaded into the real service before anything else: the process stands still before and after everything that lasts or that
 * somebody else sees. These are the commits to the catalog, images that are placed, what changes names in a file system or syncs a file, commands that
 * change a machine, and replies on the bus. At each it writes a line to its standard output and waits for a byte of its
 * standard input; meanwhile anybody can be killed, this process too. Before all of these it waits once, with the program
 * loaded, to read its configuration.
 */

const byte = Buffer.alloc(1);
const clock = new Int32Array(new SharedArrayBuffer(4));

function stop(at: string): void {
  writeSync(1, `${at}\n`);
  // Whoever ran us is gone.
  if (readByte() === 0) process.exit(1);
}

/** Waits for a byte. The pipe does not wait by itself: Node.js makes its ends so. @returns 0 at the end of the input */
function readByte(): number {
  for (;;) {
    try {
      return readSync(0, byte, 0, 1, null);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      Atomics.wait(clock, 0, 0, 1);
    }
  }
}

/** Puts a stop before and after a method. @param titleOf - what it is called; `undefined` for a use that changes nothing */
function around(owner: object, method: string, titleOf: (args: readonly unknown[]) => string | undefined): void {
  const original: unknown = Reflect.get(owner, method);
  if (typeof original !== "function") throw new TypeError(`there is no ${method} to stop at`);
  const stopping = async function (this: unknown, ...args: readonly unknown[]): Promise<unknown> {
    const title = titleOf(args);
    if (title === undefined) return await Reflect.apply(original, this, args);
    stop(`before ${title}`);
    const result: unknown = await Reflect.apply(original, this, args);
    stop(`after ${title}`);
    return result;
  };
  Reflect.set(owner, method, stopping);
}

{
  const { readFileSync } = fs;
  const configuration = process.argv.at(-1);
  fs.readFileSync = (...args: readonly unknown[]) => {
    if (args[0] === configuration) {
      fs.readFileSync = readFileSync;
      syncBuiltinESMExports();
      stop("loaded");
    }
    return Reflect.apply(readFileSync, fs, args);
  };
}
for (const write of ["open", "takeOver", "advance", "close", "settle"]) {
  around(SqlCatalog.prototype, write, () => `catalog.${write}`);
}
around(ImageDirectory.prototype, "place", () => "image place");
for (const change of ["mkdir", "rename", "unlink", "rm", "rmdir"]) around(promises, change, () => `file ${change}`);
syncBuiltinESMExports();
{
  await using file = await open("/dev/null");
  around(Object.getPrototypeOf(file), "sync", () => "file sync");
}
around(QmpClient.prototype, "execute", ([command]) => {
  const name = String(command);
  return /^(query-|qom-list|qom-get|qmp_capabilities)/.test(name) ? undefined : `machine ${name}`;
});
around(ReplySender.prototype, "send", () => "bus reply");
