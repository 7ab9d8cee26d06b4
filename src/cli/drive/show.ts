import type { Command } from "commander";
import { driveView } from "./drive-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

/** `configdrive drive show`: one drive, with its generations and who has it. */
export function registerShow(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "show <drive>", "show a drive, its generations, and who has it", surroundings).action(
    async (driveId: string, options: SessionOptions) => {
      await callService(
        "GetDrive",
        options,
        surroundings,
        (client, how) => client.getDrive({ driveId }, how),
        (answer, screen) => driveView(answer.drive, screen),
      );
    },
  );
}
