import { mkdirSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "commander";
import { extractImage } from "#image/extract/extract.js";
import { openImageFile } from "#image/input/file.js";
import { openImage } from "#image/open.js";
import { CommandFailure } from "../failure.js";
import { Progress } from "./progress.js";

/** `configdrive extract IMAGE DIR`: the files of an image, below a directory. */
export function registerExtract(program: Command): void {
  program
    .command("extract")
    .description("write the files of an image below a directory; nothing that is there already is replaced or followed")
    .argument("<image>", "an image file or block device")
    .argument("<directory>", "where the files go; made if it is not there")
    .action(async (image: string, directory: string) => {
      using input = openImageFile(image, { followLinks: true });
      const volume = openImage(input);
      if (volume.info.format === "raw") throw new CommandFailure(`${image}: no iso9660 or vfat file system in it`);
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      using progress = new Progress(`extracting ${basename(image)}`, statSync(image).size);
      const done = await extractImage(volume, directory, { onBytes: (bytes) => progress.add(bytes) });
      for (const { path, reason } of done.skipped) process.stderr.write(`configdrive: skipped ${path}: ${reason}\n`);
      process.stdout.write(`${done.files} files, ${done.directories} directories, ${done.bytes} bytes\n`);
      if (done.skipped.length > 0) throw new CommandFailure(`${done.skipped.length} entries were skipped`);
    });
}
