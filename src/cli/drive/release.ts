import type { Command } from "commander";
import type { ReleaseInstanceResponse } from "#gen/configdrive/v1/drive_service.js";
import { PLAIN } from "../screen.js";
import { driveTable } from "./drive-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

/** `configdrive drive release`: lets go of an instance that is known to be deleted. */
export function registerRelease(parent: Command, surroundings: Surroundings): void {
  driveCommand(
    parent,
    "release <instance>",
    "tell that an instance is deleted: its ephemeral drives go, the others are kept",
    surroundings,
  )
    .option("--dry-run", "say which would go, and do nothing")
    .action(async (instanceId: string, options: SessionOptions & { dryRun?: boolean }) => {
      const validateOnly = options.dryRun ?? false;
      const request = { requestId: surroundings.newRequestId(), instanceId, validateOnly };
      await callService(
        "ReleaseInstance",
        options,
        surroundings,
        (client, how) => client.releaseInstance(request, how),
        lines,
      );
    });
}

function lines({ deletedDriveIds, keptDrives }: ReleaseInstanceResponse): string[] {
  return [...deletedDriveIds.map((id) => `- ${id}`), ...driveTable(keptDrives, PLAIN).map((line) => `  ${line}`)];
}
