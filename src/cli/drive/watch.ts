import { status } from "@grpc/grpc-js";
import type { Command } from "commander";
import { methodOf } from "#api/contract.js";
import { encodeMessage } from "#api/encode.js";
import { DriveState } from "#gen/configdrive/v1/drive.js";
import { ChangeKind, type WatchDrivesResponse } from "#gen/configdrive/v1/drive_service.js";
import { DriveClient } from "#grpc/client.js";
import { RemoteError } from "#grpc/remote-error.js";
import type { Screen } from "../screen.js";
import { nameOf, stateView } from "./drive-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { forPeople, howToCall, tlsOf } from "./session.js";

/** `configdrive drive watch`: a line for every change, until the time is over. */
export function registerWatch(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "watch", "tell of every change to a project's drives, until the time is over", surroundings)
    .option("--drive <drive>", "only this one", "")
    .option("--resume <token>", "go on after the event that printed this token", "")
    .action(async (options: SessionOptions & { drive: string; resume: string }) => {
      using client = new DriveClient(options.server, tlsOf(options));
      const request = { driveId: options.drive, resumeToken: options.resume };
      try {
        for await (const event of client.watchDrives(request, howToCall(options, surroundings))) {
          surroundings.write(`${options.json === true ? asJson(event) : eventView(event, surroundings.screen)}\n`);
        }
      } catch (error) {
        const over = error instanceof RemoteError && error.code === status.DEADLINE_EXCEEDED;
        if (!over) throw forPeople(error, options.server);
      }
    });
}

/** One event, one line of JSON, as the bus would give it. */
function asJson(event: WatchDrivesResponse): string {
  return JSON.stringify(encodeMessage(methodOf("WatchDrives").response, event));
}

function eventView({ kind, driveId, drive, resumeToken, happenedAt }: WatchDrivesResponse, screen: Screen): string {
  const what = nameOf(ChangeKind, "CHANGE_KIND_", kind).padEnd(7);
  const state = drive === undefined ? "" : stateView(DriveState, "DRIVE_STATE_", drive.state, screen);
  return [happenedAt?.toISOString() ?? "", what, driveId, state, resumeToken].filter((part) => part !== "").join("  ");
}
