import type { Command } from "commander";

/** `configdrive instance …`: loaded only where the arguments are for one of them, as `configdrive drive …` is. */
export async function registerInstance(program: Command, args: readonly string[]): Promise<void> {
  const instance = program.command("instance").description("run instances that have a drive from their first boot on");
  if (!args.slice(0, 2).includes("instance")) return;
  const { registerInstanceCommands } = await import("./commands.js");
  registerInstanceCommands(instance);
}
