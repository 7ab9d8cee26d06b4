import type { Command } from "commander";
import { changesView } from "./image-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

/** `configdrive drive diff`: what the next attach or refresh would change of what the guest sees. */
export function registerDiff(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "diff <drive>", "show what a refresh would change, file by file", surroundings).action(
    (driveId: string, options: SessionOptions) => diffDrive(driveId, options, surroundings),
  );
}

/** Asks the service and prints its answer. Throws as `callService`. */
export async function diffDrive(driveId: string, options: SessionOptions, surroundings: Surroundings): Promise<void> {
  await callService(
    "DiffDrive",
    options,
    surroundings,
    (client, how) => client.diffDrive({ driveId }, how),
    (answer) => changesView(answer.changes),
  );
}
