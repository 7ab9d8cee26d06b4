import type { Command } from "commander";
import { changesView } from "./image-view.js";
import { callService, driveCommand, type SessionOptions, type Surroundings } from "./session.js";

/** `configdrive drive diff`: what the next attach or refresh would change of what the guest sees. */
export function registerDiff(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "diff <drive>", "show what a refresh would change, file by file", surroundings).action(
    async (driveId: string, options: SessionOptions) => {
      await callService(
        "DiffDrive",
        options,
        surroundings,
        (client, how) => client.diffDrive({ driveId }, how),
        (answer) => changesView(answer.changes),
      );
    },
  );
}
