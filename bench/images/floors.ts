import { createHash } from "node:crypto";
import { closeSync, constants, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { Contestant } from "#bench/contest.js";

/** The least that has to be done: the finished bytes go into a new file, by blocking calls, and nothing else happens. */
export function writeFloor(
  name: string,
  bytes: Uint8Array,
  target: string,
  more: { sync: boolean; hash?: boolean },
): Contestant {
  return {
    name,
    inProcess: true,
    durability: more.sync ? "on disk" : "page cache",
    async run() {
      if (more.hash === true) createHash("sha256").update(bytes).digest("hex");
      const partial = `${target}.partial`;
      const fd = openSync(partial, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      if (more.sync) fsyncSync(fd);
      closeSync(fd);
      renameSync(partial, target);
      if (more.sync) syncDirectory(dirname(target));
    },
    clean: () => unlink(target),
  };
}

function syncDirectory(directory: string): void {
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  fsyncSync(fd);
  closeSync(fd);
}
