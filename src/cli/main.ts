import { Command } from "commander";
import { programVersion } from "#daemon/version.js";
import { registerCatalog } from "./catalog/register.js";
import { registerCompletion } from "./completion/register.js";
import { registerConfig } from "./config/register.js";
import { registerDoctor } from "./doctor.js";
import { EXIT_CODES, exitCodeHelp } from "./exit-code.js";
import { describeFailure, exitCodeFor } from "./failure.js";
import { registerImageCommands } from "./image/commands.js";
import { registerServe } from "./serve.js";
import { registerServiceCommands } from "./service-commands.js";

const program = new Command("configdrive")
  .description("configuration drives: build, read and serve them")
  .version(programVersion(), "-V, --version", "tell the version of this program")
  .enablePositionalOptions()
  .showHelpAfterError("(configdrive --help shows what there is)")
  .addHelpText("after", exitCodeHelp())
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_CODES.usage.code));

await registerServiceCommands(program, process.argv.slice(2));
program.commandsGroup("Images, without a service:");
registerImageCommands(program);
program.commandsGroup("The service itself:");
registerServe(program);
registerConfig(program);
registerCatalog(program);
registerDoctor(program);
program.commandsGroup("Other:");
registerCompletion(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = exitCodeFor(error);
}
