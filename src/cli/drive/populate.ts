import { type Command, Option } from "commander";
import { ImageFormat } from "#gen/configdrive/v1/drive.js";
import { WhenAttached } from "#gen/configdrive/v1/drive_service.js";
import { LAYOUTS } from "#layout/layouts.js";
import { type ContentOptions, readContent } from "../image/content.js";
import { parseSize } from "../image/size.js";
import { configDataMessage, contentMessage } from "./content-message.js";
import { driveView } from "./drive-view.js";
import { type ElsewhereOptions, elsewhereMessage, isElsewhere } from "./elsewhere.js";
import { callService, driveCommand, type SessionOptions, type Surroundings } from "./session.js";

const FORMATS = {
  iso9660: ImageFormat.IMAGE_FORMAT_ISO9660,
  vfat: ImageFormat.IMAGE_FORMAT_VFAT,
  raw: ImageFormat.IMAGE_FORMAT_RAW,
};

const POLICIES = {
  refuse: WhenAttached.WHEN_ATTACHED_UNSPECIFIED,
  stage: WhenAttached.WHEN_ATTACHED_STAGE,
  refresh: WhenAttached.WHEN_ATTACHED_REFRESH,
};

interface PopulateOptions extends SessionOptions, ContentOptions, ElsewhereOptions {
  readonly label?: string;
  readonly size?: number;
  readonly keep?: boolean;
  readonly whenAttached: keyof typeof POLICIES;
  readonly requestId?: string;
}

/** `configdrive drive populate`: a drive, or new content in one. */
export function registerPopulate(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "populate [drive]", "make a drive, or put new content into one", surroundings)
    .addOption(new Option("--layout <layout>", "what the config data is").choices(Object.keys(LAYOUTS)))
    .option("--data <file>", "config data as JSON; - for standard input")
    .option("--tree <directory>", "the files of the drive")
    .option("--blob <file>", "the volume, byte for byte")
    .option("--upload <file>", "the volume, however large: it is uploaded first")
    .option("--source <url>", "where the service reads the volume from: https, s3, swift, file")
    .option("--sha256 <digest>", "what the bytes at --source must have")
    .addOption(new Option("--format <format>", "default: what suits content and guest").choices(Object.keys(FORMATS)))
    .addOption(new Option("--guest <guest>", "who reads it").choices(["linux", "windows", "minimal"]).default("linux"))
    .option("--label <label>", "volume label; default: the one that readers of the layout look for")
    .option("--size <size>", "size of the volume (1474560, 64M, …); default: as small as it can be", parseSize)
    .option("--keep", "keep the drive when its instance is gone")
    .addOption(
      new Option("--when-attached <policy>", "what to do while an instance has it")
        .choices(Object.keys(POLICIES))
        .default("refuse"),
    )
    .option("--request-id <uuid>", "of a call that is made again; default: a new one")
    .action(async (drive: string | undefined, options: PopulateOptions) => {
      const { layout, data, tree, blob } = options;
      const elsewhere = isElsewhere(options, [layout, data, tree, blob]);
      const configData = elsewhere ? undefined : configDataMessage(options);
      const content = elsewhere || configData !== undefined ? undefined : await readContent(options);
      const inline = content === undefined ? configData : await contentMessage(content);
      const format = content?.kind === "tree" ? content.format : configData === undefined ? "raw" : options.format;
      const request = {
        requestId: options.requestId ?? surroundings.newRequestId(),
        driveId: drive ?? "",
        format: format === undefined ? ImageFormat.IMAGE_FORMAT_UNSPECIFIED : FORMATS[format],
        label: options.label ?? (content?.kind === "tree" ? content.label : ""),
        sizeBytes: BigInt(options.size ?? 0),
        whenAttached: POLICIES[options.whenAttached],
        ...(options.keep === true ? { deleteOnTermination: false } : {}),
      };
      await callService(
        "PopulateVolume",
        options,
        surroundings,
        async (client, how) => {
          const named = inline ?? (await elsewhereMessage(options, client, how));
          return await client.populateVolume({ ...request, content: named }, how);
        },
        (answer) => driveView(answer.drive),
      );
    });
}
