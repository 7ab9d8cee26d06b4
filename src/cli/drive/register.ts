import type { Command } from "commander";

/**
 * `configdrive drive …`: the commands that call a running service. gRPC takes longer to load than an image takes to build, so
 * it is loaded only where the arguments are for one of them, or ask for their help.
 */
export async function registerDrive(program: Command, args: readonly string[]): Promise<void> {
  const drive = program.command("drive").description("make, attach and look at drives of a running service");
  if (!args.slice(0, 2).includes("drive")) return;
  const { registerDriveCommands } = await import("./commands.js");
  registerDriveCommands(drive);
}
