import type { Command } from "commander";
import { driveCommand, type SessionOptions, type Surroundings } from "#cli/drive/service-command.js";
import { instanceView } from "./instance-view.js";
import { callInstances } from "./session.js";

/** `configdrive instance show`: one instance. */
export function registerInstanceShow(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "show <instance>", "show an instance", surroundings).action(
    async (instanceId: string, options: SessionOptions) => {
      await callInstances(
        "GetInstance",
        options,
        surroundings,
        (client, how) => client.getInstance({ instanceId }, how),
        (answer, screen) => instanceView(answer.instance, screen),
      );
    },
  );
}
