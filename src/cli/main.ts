import { Command } from "commander";
import { programVersion } from "#daemon/version.js";
import { registerCompletion } from "./completion/register.js";
import { EXIT_CODES, exitCodeHelp } from "./exit-code.js";
import { describeFailure, exitCodeFor } from "./failure.js";
import { registerOwnCommands } from "./own-commands.js";
import { registerServiceCommands } from "./service-commands.js";

const program = new Command("configdrive")
  .description("configuration drives: build, read and serve them")
  .version(programVersion(), "-V, --version", "tell the version of this program")
  .enablePositionalOptions()
  .showHelpAfterError("(configdrive --help shows what there is)")
  .addHelpText("after", exitCodeHelp())
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_CODES.usage.code));

await registerServiceCommands(program, process.argv.slice(2));
registerOwnCommands(program);
program.commandsGroup("Other:");
registerCompletion(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = exitCodeFor(error);
}
