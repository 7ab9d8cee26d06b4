import { statSync } from "node:fs";
import { basename } from "node:path";
import { type Command, Option } from "commander";
import type { NameSpace } from "#image/volume.js";
import { type Listing, listImageFile } from "./listing.js";
import { Progress } from "./progress.js";
import { treeView } from "./tree-view.js";

/** The image read with a progress line on a terminal. */
export async function listWithProgress(image: string, nameSpace?: NameSpace): Promise<Listing> {
  using progress = new Progress(`reading ${basename(image)}`, statSync(image).size * 2);
  return await listImageFile(image, nameSpace, { onBytes: (bytes) => progress.add(bytes) });
}

/** `configdrive inspect IMAGE`: what an image is and what is in it. */
export function registerInspect(program: Command): void {
  program
    .command("inspect")
    .description("show what an image is and what is in it")
    .argument("<image>", "an image file or block device: iso9660, vfat, vfat in a partition, or anything")
    .addOption(
      new Option("--names <names>", "which names of an iso9660 image").choices(["rock-ridge", "joliet", "iso9660"]),
    )
    .option("--json", "print one JSON document, with full digests, modes, owners and times")
    .action(async (image: string, options: { json?: boolean; names?: NameSpace }) => {
      const listing = await listWithProgress(image, options.names);
      const lines =
        options.json === true ? [JSON.stringify(listing, undefined, 2)] : treeView(basename(image), listing);
      process.stdout.write(`${lines.join("\n")}\n`);
    });
}
