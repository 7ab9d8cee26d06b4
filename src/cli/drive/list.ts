import { type Command, Option } from "commander";
import type { Drive } from "#gen/configdrive/v1/drive.js";
import type { ListDrivesRequest } from "#gen/configdrive/v1/drive_service.js";
import type { ClientCall, DriveClient } from "#grpc/client.js";
import { driveTable } from "./drive-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

interface ListOptions extends SessionOptions {
  readonly instance?: string;
  readonly host?: string;
  readonly attached?: true;
  readonly unattached?: true;
}

type Filter = Pick<ListDrivesRequest, "instanceId" | "host" | "attached">;

/** `configdrive drive list`: the drives of a project, all pages. */
export function registerList(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "list", "list the drives of a project", surroundings)
    .option("--instance <instance>", "only those that this instance has")
    .option("--host <host>", "only those that an instance has on this host")
    .addOption(new Option("--attached", "only those that some instance has").conflicts("unattached"))
    .option("--unattached", "only those that no instance has")
    .action(async (options: ListOptions) => {
      const { instance = "", host = "", attached, unattached } = options;
      const filter = { instanceId: instance, host, attached: attached ?? (unattached ? false : undefined) };
      await callService(
        "ListDrives",
        options,
        surroundings,
        (client, how) => allPages(client, filter, how),
        (answer, screen) => driveTable(answer.drives, screen),
      );
    });
}

async function allPages(client: DriveClient, filter: Filter, how: ClientCall) {
  const drives: Drive[] = [];
  let pageToken = "";
  do {
    const page = await client.listDrives({ ...filter, pageToken }, how);
    drives.push(...page.drives);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return { drives, nextPageToken: "" };
}
