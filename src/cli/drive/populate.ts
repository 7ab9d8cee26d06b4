import { type Command, Option } from "commander";
import { ImageFormat } from "#gen/configdrive/v1/drive.js";
import { WhenAttached } from "#gen/configdrive/v1/drive_service.js";
import type { ContentOptions } from "../image/content.js";
import { contentOptions, inlineContent } from "./content-options.js";
import { driveView } from "./drive-view.js";
import { type ElsewhereOptions, elsewhereMessage, isElsewhere } from "./elsewhere.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

const POLICIES = {
  refuse: WhenAttached.WHEN_ATTACHED_UNSPECIFIED,
  stage: WhenAttached.WHEN_ATTACHED_STAGE,
  refresh: WhenAttached.WHEN_ATTACHED_REFRESH,
};

/** Content that the request names: the volume itself. */
const RAW = { content: undefined, format: ImageFormat.IMAGE_FORMAT_RAW, label: "" };

interface PopulateOptions extends SessionOptions, ContentOptions, ElsewhereOptions {
  readonly label?: string;
  readonly size?: number;
  readonly keep?: boolean;
  readonly whenAttached: keyof typeof POLICIES;
  readonly requestId?: string;
}

/** `configdrive drive populate`: a drive, or new content in one. */
export function registerPopulate(parent: Command, surroundings: Surroundings): void {
  contentOptions(driveCommand(parent, "populate [drive]", "make a drive, or put new content into one", surroundings))
    .option("--upload <file>", "the volume, however large: it is uploaded first")
    .option("--source <url>", "where the service reads the volume from: https, s3, swift, file")
    .option("--sha256 <digest>", "what the bytes at --source must have")
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
      const { content: inline, format, label } = elsewhere ? RAW : await inlineContent(options);
      const request = {
        requestId: options.requestId ?? surroundings.newRequestId(),
        driveId: drive ?? "",
        format,
        label: options.label ?? label,
        sizeBytes: BigInt(options.size ?? 0),
        whenAttached: POLICIES[options.whenAttached],
        ...(options.keep === true ? { deleteOnTermination: false } : {}),
      };
      const content = inline ?? (await elsewhereMessage(options, surroundings));
      await callService(
        "PopulateVolume",
        options,
        surroundings,
        (client, how) => client.populateVolume({ ...request, content }, how),
        (answer, screen) => driveView(answer.drive, screen),
      );
    });
}
