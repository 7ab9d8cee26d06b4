import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { screenOf } from "../screen.js";
import { registerAttach } from "./attach.js";
import { registerCapabilities } from "./capabilities.js";
import { registerDeclareHost } from "./declare-host.js";
import { registerDelete } from "./delete.js";
import { registerDetach } from "./detach.js";
import { registerDiff } from "./diff.js";
import { registerDownload } from "./download.js";
import { registerInspect } from "./inspect.js";
import { registerList } from "./list.js";
import { registerPopulate } from "./populate.js";
import { registerRefresh } from "./refresh.js";
import { registerRelease } from "./release.js";
import type { Surroundings } from "./service-command.js";
import { registerShow } from "./show.js";
import { registerUpdate } from "./update.js";
import { registerWatch } from "./watch.js";

/** The process itself: what every command takes unless a test gives it something else. */
export const PROCESS: Surroundings = {
  env: process.env,
  write: (text) => process.stdout.write(text),
  screen: screenOf(process.stdout, process.env),
  newRequestId: randomUUID,
  now: () => new Date(),
};

/** Everything below `configdrive drive`. */
export function registerDriveCommands(drive: Command, surroundings: Surroundings = PROCESS): void {
  registerPopulate(drive, surroundings);
  registerAttach(drive, surroundings);
  registerRefresh(drive, surroundings);
  registerDetach(drive, surroundings);
  registerUpdate(drive, surroundings);
  registerRelease(drive, surroundings);
  registerDeclareHost(drive, surroundings);
  registerShow(drive, surroundings);
  registerInspect(drive, surroundings);
  registerDiff(drive, surroundings);
  registerWatch(drive, surroundings);
  registerList(drive, surroundings);
  registerDownload(drive, surroundings);
  registerCapabilities(drive, surroundings);
  registerDelete(drive, surroundings);
}

/** The commands that are typed most, without `drive` before them. `diff` is there for images too: src/cli/image/diff.ts. */
export function registerShortNames(program: Command, surroundings: Surroundings = PROCESS): void {
  registerPopulate(program, surroundings);
  registerAttach(program, surroundings);
  registerDetach(program, surroundings);
  registerRefresh(program, surroundings);
  registerShow(program, surroundings);
  registerList(program, surroundings);
  registerWatch(program, surroundings);
  registerDelete(program, surroundings);
}
