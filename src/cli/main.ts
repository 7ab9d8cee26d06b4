import { Command } from "commander";
import { registerConfig } from "./config/register.js";
import { registerDoctor } from "./doctor.js";
import { registerDrive } from "./drive/register.js";
import { describeFailure } from "./failure.js";
import { registerImageCommands } from "./image/commands.js";
import { registerInstance } from "./instance/register.js";
import { registerServe } from "./serve.js";

const program = new Command("configdrive")
  .description("configuration drives: build, read and serve them")
  .enablePositionalOptions()
  .showHelpAfterError("(configdrive --help shows what there is)");

registerServe(program);
registerConfig(program);
registerDoctor(program);
await registerDrive(program, process.argv.slice(2));
await registerInstance(program, process.argv.slice(2));
registerImageCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
