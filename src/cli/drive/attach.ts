import { type Command, Option } from "commander";
import { BUSES, KINDS } from "./device-words.js";
import { driveView } from "./drive-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

interface AttachOptions extends SessionOptions {
  readonly host?: string;
  readonly kind?: keyof typeof KINDS;
  readonly bus?: keyof typeof BUSES;
}

/** `configdrive drive attach`: shows a drive to an instance. */
export function registerAttach(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "attach <drive> <instance>", "show a drive to an instance", surroundings)
    .option("--host <host>", "where the instance runs; default: the service's own host")
    .addOption(new Option("--kind <kind>", "what the guest sees; default: what suits").choices(Object.keys(KINDS)))
    .addOption(new Option("--bus <bus>", "what it hangs on; default: what suits").choices(Object.keys(BUSES)))
    .action(async (driveId: string, instanceId: string, options: AttachOptions) => {
      const request = {
        requestId: surroundings.newRequestId(),
        driveId,
        instanceId,
        host: options.host ?? "",
        ...(options.kind === undefined ? {} : { kind: KINDS[options.kind] }),
        ...(options.bus === undefined ? {} : { bus: BUSES[options.bus] }),
      };
      await callService(
        "AttachDrive",
        options,
        surroundings,
        (client, how) => client.attachDrive(request, how),
        (answer, screen) => driveView(answer.drive, screen),
      );
    });
}
