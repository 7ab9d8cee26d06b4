import { type Command, InvalidArgumentError, Option } from "commander";
import { contentOptions, inlineContent } from "#cli/drive/content-options.js";
import { BUSES, KINDS } from "#cli/drive/device-words.js";
import { driveCommand, type SessionOptions, type Surroundings } from "#cli/drive/service-command.js";
import { type ContentOptions, readText } from "#cli/image/content.js";
import { instanceView } from "./instance-view.js";
import { callInstances } from "./session.js";

interface RunOptions extends SessionOptions, ContentOptions {
  readonly template: string;
  readonly name?: string;
  readonly count: number;
  readonly atMost?: number;
  readonly kind?: keyof typeof KINDS;
  readonly bus?: keyof typeof BUSES;
  readonly label?: string;
  readonly size?: number;
  readonly keep?: boolean;
  readonly requestId?: string;
}

/** `configdrive instance run`: instances of a template, each with a drive of its own. */
export function registerRun(parent: Command, surroundings: Surroundings): void {
  contentOptions(driveCommand(parent, "run", "run instances with a drive of their own", surroundings))
    .requiredOption("--template <file>", "what they are made of: libvirt's domain XML, or QEMU's arguments as JSON")
    .option("--name <name>", "what they are called; default: made of the id")
    .option("--count <number>", "how many; with fewer there is to be none", parseCount, 1)
    .option("--at-most <number>", "how many at most; default: as many as --count", parseCount)
    .addOption(new Option("--kind <kind>", "what the guest sees; default: what suits").choices(Object.keys(KINDS)))
    .addOption(new Option("--bus <bus>", "what it hangs on; default: what suits").choices(Object.keys(BUSES)))
    .option("--keep", "keep the drive when its instance is gone")
    .option("--request-id <uuid>", "of a call that is made again; default: a new one")
    .action(async (options: RunOptions) => {
      const { content, format, label } = await inlineContent(options);
      const request = {
        requestId: options.requestId ?? surroundings.newRequestId(),
        template: readText(options.template),
        name: options.name ?? "",
        minCount: options.count,
        maxCount: options.atMost ?? 0,
        ...{ content, format, label: options.label ?? label, sizeBytes: BigInt(options.size ?? 0) },
        ...(options.kind === undefined ? {} : { kind: KINDS[options.kind] }),
        ...(options.bus === undefined ? {} : { bus: BUSES[options.bus] }),
        ...(options.keep === true ? { deleteOnTermination: false } : {}),
      };
      await callInstances(
        "RunInstances",
        options,
        surroundings,
        (client, how) => client.runInstances(request, how),
        (answer, screen) => answer.instances.flatMap((instance) => instanceView(instance, screen)),
      );
    });
}

function parseCount(text: string): number {
  const count = /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (count === 0 || count > 100) throw new InvalidArgumentError("must be from 1 to 100.");
  return count;
}
