import { Command } from "commander";
import { registerCatalog } from "./catalog/register.js";
import { registerConfig } from "./config/register.js";
import { registerDoctor } from "./doctor.js";
import { registerImageCommands } from "./image/commands.js";
import { registerServe } from "./serve.js";

/** The commands that call no service. */
export function registerOwnCommands(program: Command): void {
  program.commandsGroup("Images, without a service:");
  registerImageCommands(program);
  program.commandsGroup("The service itself:");
  registerServe(program);
  registerConfig(program);
  registerCatalog(program);
  registerDoctor(program);
}

/** Whether a name is that of a command that calls no service. */
export function isOwnCommand(name: string): boolean {
  const alone = new Command().enablePositionalOptions();
  registerOwnCommands(alone);
  return alone.commands.some((command) => command.name() === name);
}
