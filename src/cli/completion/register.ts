import { Argument, type Command } from "commander";
import { bashCompletion } from "./bash.js";
import { fishCompletion } from "./fish.js";
import { commandTree } from "./tree.js";
import { zshCompletion } from "./zsh.js";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** `configdrive completion SHELL`: what the shell needs to complete every command, made from the commands themselves. */
export function registerCompletion(program: Command): void {
  program
    .command("completion")
    .description("print a shell's completion of these commands")
    .addArgument(new Argument("<shell>", "which one").choices(Object.keys(SHELLS)))
    .action((shell: keyof typeof SHELLS) => {
      process.stdout.write(SHELLS[shell](program.name(), commandTree(program)));
    });
}
