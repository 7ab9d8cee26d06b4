import type { Command } from "commander";
import { driveCommand, type SessionOptions, type Surroundings } from "#cli/drive/service-command.js";
import type { Instance } from "#gen/configdrive/v1/instance.js";
import type { ClientCall } from "#grpc/client.js";
import type { InstanceClient } from "#grpc/instance-client.js";
import { instanceTable } from "./instance-view.js";
import { callInstances } from "./session.js";

/** `configdrive instance list`: the instances of a project, all pages. */
export function registerInstanceList(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "list", "list the instances of a project", surroundings)
    .option("--reservation <id>", "only those that were asked for together")
    .action(async (options: SessionOptions & { reservation?: string }) => {
      await callInstances(
        "ListInstances",
        options,
        surroundings,
        (client, how) => allPages(client, options.reservation ?? "", how),
        (answer, screen) => instanceTable(answer.instances, screen),
      );
    });
}

async function allPages(client: InstanceClient, reservationId: string, how: ClientCall) {
  const instances: Instance[] = [];
  let pageToken = "";
  do {
    const page = await client.listInstances({ reservationId, pageToken }, how);
    instances.push(...page.instances);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return { instances, nextPageToken: "" };
}
