import type { Command } from "commander";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

/** `configdrive drive delete`: removes a drive that nobody has attached. */
export function registerDelete(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "delete <drive>", "remove a drive that no instance has", surroundings).action(
    async (driveId: string, options: SessionOptions) => {
      const request = { requestId: surroundings.newRequestId(), driveId };
      await callService(
        "DeleteDrive",
        options,
        surroundings,
        (client, how) => client.deleteDrive(request, how),
        () => [],
      );
    },
  );
}
