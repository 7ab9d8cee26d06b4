import { createHash, randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import type { DownloadImageResponse } from "#gen/configdrive/v1/drive_service.js";
import { DriveClient } from "#grpc/client.js";
import { CommandFailure } from "../failure.js";
import { Progress } from "../image/progress.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { forPeople, howToCall, tlsOf } from "./session.js";

interface DownloadOptions extends SessionOptions {
  readonly output: string;
  readonly generation: string;
}

/** `configdrive drive download`: one generation's image as a file. */
export function registerDownload(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "download <drive>", "write the image of a drive to a file", surroundings)
    .requiredOption("-o, --output <file>", "where to; what stands there is replaced once all of it came")
    .option("--generation <number>", "which one; default: the pending one", "0")
    .action(async (driveId: string, options: DownloadOptions) => {
      const generation = /^\d{1,9}$/.test(options.generation) ? Number(options.generation) : Number.NaN;
      if (Number.isNaN(generation)) throw new CommandFailure("--generation must be a whole number");
      using client = new DriveClient(options.server, tlsOf(options));
      const parts = client.downloadImage({ driveId, generation }, howToCall(options, surroundings));
      const { size, sha256 } = await save(parts, options.output).catch((error: unknown) => {
        throw forPeople(error, options.server);
      });
      const json = JSON.stringify({ file: options.output, size_bytes: size, sha256 }, null, 2);
      surroundings.write(options.json === true ? `${json}\n` : `${options.output}  ${size} bytes  sha256 ${sha256}\n`);
    });
}

/** Writes the parts beside their place, for the caller alone, checks size and digest, and renames. What fails leaves nothing. */
async function save(
  parts: AsyncIterable<DownloadImageResponse>,
  output: string,
): Promise<{ size: number; sha256: string }> {
  const partial = `${output}.${randomUUID()}.partial`;
  using progress = new Progress(`downloading to ${basename(output)}`, 0);
  const hash = createHash("sha256");
  let size = 0;
  let expected = { sizeBytes: 0n, sha256: "" };
  try {
    const file = await open(partial, "wx", 0o600);
    try {
      for await (const { part } of parts) {
        if (part?.$case === "header") {
          expected = part.value;
          progress.of(Number(expected.sizeBytes));
        }
        if (part?.$case !== "data") continue;
        hash.update(part.value);
        size += part.value.length;
        progress.at(size);
        await file.writeFile(part.value);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const sha256 = hash.digest("hex");
    if (BigInt(size) !== expected.sizeBytes || sha256 !== expected.sha256) {
      throw new CommandFailure(`${size} bytes with sha256 ${sha256} came, not those that were announced`);
    }
    await rename(partial, output);
    return { size, sha256 };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
