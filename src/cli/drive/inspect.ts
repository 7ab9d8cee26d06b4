import { type Command, InvalidArgumentError } from "commander";
import { imageView } from "./image-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

/** `configdrive drive inspect`: what a drive's image holds, file by file, never the content itself. */
export function registerInspect(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "inspect <drive>", "show what a drive's image holds, file by file", surroundings)
    .option("--generation <number>", "default: the pending one", parseGeneration, 0)
    .action(async (driveId: string, options: SessionOptions & { generation: number }) => {
      await callService(
        "InspectDrive",
        options,
        surroundings,
        (client, how) => client.inspectDrive({ driveId, generation: options.generation }, how),
        (answer) => imageView(answer.image),
      );
    });
}

function parseGeneration(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError("must be a whole number from 1 on");
  return Number(text);
}
