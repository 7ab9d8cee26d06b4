import { type Command, Option } from "commander";
import { driveView } from "./drive-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

/** `configdrive drive update`: keeps a drive beyond its instance, or not. */
export function registerUpdate(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "update <drive>", "say whether a drive goes with its instance", surroundings)
    .addOption(new Option("--keep", "until it is deleted").conflicts("ephemeral"))
    .option("--ephemeral", "gone with its instance")
    .action(async (driveId: string, options: SessionOptions & { keep?: boolean; ephemeral?: boolean }) => {
      const said = options.keep === true || options.ephemeral === true;
      const request = {
        requestId: surroundings.newRequestId(),
        driveId,
        ...(said ? { deleteOnTermination: options.ephemeral === true } : {}),
      };
      await callService(
        "UpdateDrive",
        options,
        surroundings,
        (client, how) => client.updateDrive(request, how),
        (answer, screen) => driveView(answer.drive, screen),
      );
    });
}
