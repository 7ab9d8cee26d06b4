import type { Command } from "commander";
import { PROCESS } from "#cli/drive/commands.js";
import type { Surroundings } from "#cli/drive/service-command.js";
import { registerChange } from "./change.js";
import { registerInstanceList } from "./list.js";
import { registerRun } from "./run.js";
import { registerInstanceShow } from "./show.js";
import { registerTerminate } from "./terminate.js";

/** Everything below `configdrive instance`. */
export function registerInstanceCommands(instance: Command, surroundings: Surroundings = PROCESS): void {
  registerRun(instance, surroundings);
  registerChange(instance, surroundings);
  registerTerminate(instance, surroundings);
  registerInstanceShow(instance, surroundings);
  registerInstanceList(instance, surroundings);
}
