import type { Command } from "commander";
import { driveView } from "./drive-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

/** `configdrive drive detach`: takes a drive from an instance. */
export function registerDetach(parent: Command, surroundings: Surroundings): void {
  driveCommand(
    parent,
    "detach <drive> [instance]",
    "take a drive from an instance, or from whoever has it",
    surroundings,
  )
    .option("--force", "even though the guest holds the medium locked")
    .action(async (driveId: string, instance: string | undefined, options: SessionOptions & { force?: boolean }) => {
      const requestId = surroundings.newRequestId();
      const request = { requestId, driveId, instanceId: instance ?? "", force: options.force ?? false };
      await callService(
        "DetachDrive",
        options,
        surroundings,
        (client, how) => client.detachDrive(request, how),
        (answer, screen) => driveView(answer.drive, screen),
      );
    });
}
