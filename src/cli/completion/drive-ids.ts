import type { Command } from "commander";
import { type SessionOptions, type Surroundings, serviceOptions } from "#cli/drive/service-command.js";
import { howToCall, tlsOf } from "#cli/drive/session.js";
import { DriveClient } from "#grpc/client.js";
import { DRIVE_IDS } from "./tree.js";

/** A person waits for it who has pressed a key. */
const AT_MOST_SECONDS = 2;
/** More is nothing to choose from. The contract's limit for a page. */
const MOST = 1000;

/** `configdrive drive-ids`: the project's drives, an id a line, for completions; nothing at all where they cannot be had. */
export function registerDriveIds(program: Command, surroundings: Surroundings): void {
  const command = program.command(DRIVE_IDS, { hidden: true });
  serviceOptions(command, surroundings.env).action(async (options: SessionOptions) => {
    try {
      using client = new DriveClient(options.server, tlsOf(options));
      const timeout = Math.min(options.timeout, AT_MOST_SECONDS);
      const { drives } = await client.listDrives({ pageSize: MOST }, howToCall({ ...options, timeout }, surroundings));
      surroundings.write(drives.map(({ id }) => `${id}\n`).join(""));
    } catch {
      // Whoever completes a line has no use for what is wrong; the command that is being typed will say it.
    }
  });
}
