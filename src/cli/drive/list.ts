import type { Command } from "commander";
import type { Drive } from "#gen/configdrive/v1/drive.js";
import type { ClientCall, DriveClient } from "#grpc/client.js";
import { driveTable } from "./drive-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

/** `configdrive drive list`: the drives of a project, all pages. */
export function registerList(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "list", "list the drives of a project", surroundings)
    .option("--instance <instance>", "only those that this instance has")
    .action(async (options: SessionOptions & { instance?: string }) => {
      await callService(
        "ListDrives",
        options,
        surroundings,
        (client, how) => allPages(client, options.instance ?? "", how),
        (answer, screen) => driveTable(answer.drives, screen),
      );
    });
}

async function allPages(client: DriveClient, instanceId: string, how: ClientCall) {
  const drives: Drive[] = [];
  let pageToken = "";
  do {
    const page = await client.listDrives({ instanceId, pageToken }, how);
    drives.push(...page.drives);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return { drives, nextPageToken: "" };
}
