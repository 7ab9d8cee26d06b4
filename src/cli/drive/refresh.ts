import type { Command } from "commander";
import { driveView } from "./drive-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

/** `configdrive drive refresh`: shows the newest content to the instances that have the drive. */
export function registerRefresh(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "refresh <drive>", "show the newest content to the instances that have the drive", surroundings)
    .option("--force", "even though the guest holds the medium locked")
    .option("--rerender", "first have the instance's compute manager say what the drive is to hold now")
    .action(async (driveId: string, options: SessionOptions & { force?: boolean; rerender?: boolean }) => {
      const { force = false, rerender = false } = options;
      const request = { requestId: surroundings.newRequestId(), driveId, force, rerender };
      await callService(
        "RefreshDrive",
        options,
        surroundings,
        (client, how) => client.refreshDrive(request, how),
        (answer, screen) => driveView(answer.drive, screen),
      );
    });
}
