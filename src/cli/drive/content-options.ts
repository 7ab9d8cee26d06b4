import { type Command, Option } from "commander";
import { ImageFormat } from "#gen/configdrive/v1/drive.js";
import type { PopulateVolumeRequest } from "#gen/configdrive/v1/drive_service.js";
import { LAYOUTS } from "#layout/layouts.js";
import { type ContentOptions, readContent } from "../image/content.js";
import { parseSize } from "../image/size.js";
import { configDataMessage, contentMessage } from "./content-message.js";

const FORMATS = {
  iso9660: ImageFormat.IMAGE_FORMAT_ISO9660,
  vfat: ImageFormat.IMAGE_FORMAT_VFAT,
  raw: ImageFormat.IMAGE_FORMAT_RAW,
};

/** Adds the options that say what a drive shall hold. */
export function contentOptions(command: Command): Command {
  return command
    .addOption(new Option("--layout <layout>", "what the config data is").choices(Object.keys(LAYOUTS)))
    .option("--data <file>", "config data as JSON; - for standard input")
    .option("--tree <directory>", "the files of the drive")
    .option("--blob <file>", "the volume, byte for byte")
    .addOption(new Option("--format <format>", "default: what suits content and guest").choices(Object.keys(FORMATS)))
    .addOption(new Option("--guest <guest>", "who reads it").choices(["linux", "windows", "minimal"]).default("linux"))
    .option("--label <label>", "volume label; default: the one that readers of the layout look for")
    .option("--size <size>", "size of the volume (1474560, 64M, …); default: as small as it can be", parseSize);
}

/** What the options name, as a request carries it. Throws `CommandFailure` where they do not go together. */
export async function inlineContent(options: ContentOptions): Promise<{
  readonly content: NonNullable<PopulateVolumeRequest["content"]>;
  readonly format: ImageFormat;
  readonly label: string;
}> {
  const configData = configDataMessage(options);
  if (configData !== undefined) {
    const format = options.format === undefined ? ImageFormat.IMAGE_FORMAT_UNSPECIFIED : FORMATS[options.format];
    return { content: configData, format, label: "" };
  }
  const read = await readContent(options);
  const [format, label] = read.kind === "tree" ? [read.format, read.label] : (["raw", ""] as const);
  return { content: await contentMessage(read), format: FORMATS[format], label };
}
