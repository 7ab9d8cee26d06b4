import { type Command, Option } from "commander";
import { planFat } from "#image/fat/plan-fat.js";
import { serialOfTime } from "#image/fat/serial.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import type { ImagePlan } from "#image/plan.js";
import { planRaw } from "#image/raw.js";
import { LAYOUTS } from "#layout/layouts.js";
import { CommandFailure } from "../failure.js";
import { type BuildContent, type ContentOptions, readContent } from "./content.js";
import { parseSize } from "./size.js";
import { imageTime } from "./time.js";
import { writeWithProgress } from "./write.js";

interface BuildOptions extends ContentOptions {
  readonly label?: string;
  readonly size?: number;
  readonly time?: string;
  readonly partition?: boolean;
  readonly output: string;
}

function planContent(content: BuildContent, options: BuildOptions): ImagePlan {
  const sizeBytes = options.size === undefined ? {} : { sizeBytes: options.size };
  if (content.kind === "blob") {
    if (options.label !== undefined)
      throw new CommandFailure("--label is for file systems: a blob is the volume as it is");
    return planRaw(content.blob, sizeBytes);
  }
  if (options.partition === true && content.format !== "vfat")
    throw new CommandFailure("--partition is for --format vfat");
  const time = imageTime(options.time, process.env, () => new Date());
  const label = options.label ?? content.label;
  const plan =
    content.format === "vfat"
      ? planFat(content.tree, {
          label,
          time,
          serial: serialOfTime(time),
          partitioned: options.partition === true,
          ...sizeBytes,
        })
      : planIso9660(content.tree, { label, time, windowsNames: options.guest === "windows", ...sizeBytes });
  if (plan.size > content.maxImageBytes) {
    throw new CommandFailure(
      `the image would have ${plan.size} bytes: its readers take at most ${content.maxImageBytes}`,
    );
  }
  return plan;
}

/** `configdrive build`: an image from config data, a directory or a blob, without the service. */
export function registerBuild(program: Command): void {
  program
    .command("build")
    .description("build an image from config data, a directory or a blob")
    .addOption(new Option("--layout <layout>", "what the config data is").choices(Object.keys(LAYOUTS)))
    .option("--data <file>", "config data as JSON; - for standard input")
    .option("--tree <directory>", "the files of the image")
    .option("--blob <file>", "the volume, byte for byte")
    .addOption(
      new Option("--format <format>", "default: what suits content and guest").choices(["iso9660", "vfat", "raw"]),
    )
    .addOption(new Option("--guest <guest>", "who reads it").choices(["linux", "windows", "minimal"]).default("linux"))
    .option("--label <label>", "volume label; default: the one that readers of the layout look for")
    .option("--size <size>", "size of the volume (1474560, 64M, …); default: as small as it can be", parseSize)
    .option("--partition", "put a vfat volume into the one partition of a disk, as Windows wants it")
    .option("--time <time>", "time stamped into the image; default: SOURCE_DATE_EPOCH, else now")
    .requiredOption("-o, --output <file>", "where the image goes; replaced whole, never seen half written")
    .action(async (options: BuildOptions) => {
      const plan = planContent(await readContent(options), options);
      const { size, sha256 } = await writeWithProgress(plan, options.output);
      const label = plan.label === undefined ? "" : ` ${plan.label}`;
      process.stdout.write(`${options.output}: ${plan.format}${label}, ${size} bytes, sha256 ${sha256 ?? ""}\n`);
    });
}
