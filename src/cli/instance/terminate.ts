import type { Command } from "commander";
import { driveCommand, type SessionOptions, type Surroundings } from "#cli/drive/service-command.js";
import { callInstances } from "./session.js";

/** `configdrive instance terminate`: ends instances for good, their ephemeral drives with them. */
export function registerTerminate(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "terminate <instances...>", "end instances for good", surroundings).action(
    async (instanceIds: string[], options: SessionOptions) => {
      const request = { requestId: surroundings.newRequestId(), instanceIds };
      await callInstances(
        "TerminateInstances",
        options,
        surroundings,
        (client, how) => client.terminateInstances(request, how),
        () => [],
      );
    },
  );
}
