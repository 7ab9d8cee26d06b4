import type { Command } from "commander";
import { parseSeconds } from "#cli/drive/seconds.js";
import { driveCommand, type SessionOptions, type Surroundings } from "#cli/drive/service-command.js";
import { instanceView } from "./instance-view.js";
import { callInstances } from "./session.js";

interface StopOptions extends SessionOptions {
  readonly grace?: number;
  readonly now?: boolean;
}

/** `configdrive instance stop` and `configdrive instance start`. */
export function registerChange(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "stop <instance>", "shut an instance down", surroundings)
    .option("--grace <seconds>", "how long the guest may take before it is switched off; default: 60", parseSeconds)
    .option("--now", "switch it off at once")
    .action(async (instanceId: string, options: StopOptions) => {
      const graceSeconds =
        options.now === true ? 0 : options.grace === undefined ? undefined : Math.ceil(options.grace);
      const request = { requestId: surroundings.newRequestId(), instanceId, graceSeconds };
      await callInstances(
        "StopInstance",
        options,
        surroundings,
        (client, how) => client.stopInstance(request, how),
        (answer, screen) => instanceView(answer.instance, screen),
      );
    });
  driveCommand(parent, "start <instance>", "start an instance that was stopped", surroundings).action(
    async (instanceId: string, options: SessionOptions) => {
      const request = { requestId: surroundings.newRequestId(), instanceId };
      await callInstances(
        "StartInstance",
        options,
        surroundings,
        (client, how) => client.startInstance(request, how),
        (answer, screen) => instanceView(answer.instance, screen),
      );
    },
  );
}
