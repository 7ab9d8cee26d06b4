import type { Command } from "commander";
import { isOwnCommand } from "./own-commands.js";

/**
 * The commands that call a running service: `drive …` and `instance …` with all of them, and those that are typed most by their short names.
 * gRPC takes longer to load than an image takes to build, so it is loaded unless the arguments are for a command that does without.
 */
export async function registerServiceCommands(program: Command, [name = ""]: readonly string[]): Promise<void> {
  if (isOwnCommand(name)) return;
  const { PROCESS, registerDriveCommands, registerShortNames } = await import("./drive/commands.js");
  const { registerInstanceCommands } = await import("./instance/commands.js");
  const { registerRun } = await import("./instance/run.js");
  const { registerDriveIds } = await import("./completion/drive-ids.js");
  program.commandsGroup("Drives of a running service:");
  registerShortNames(program);
  registerDriveCommands(program.command("drive").description("every command for drives"));
  program.commandsGroup("Instances that a service runs:");
  registerRun(program, PROCESS);
  registerInstanceCommands(program.command("instance").description("every command for instances"));
  registerDriveIds(program, PROCESS);
}
