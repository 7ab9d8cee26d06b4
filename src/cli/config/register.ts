import type { Command } from "commander";
import { registerCheck } from "./check.js";

/** `configdrive config …`: what the service would make of its configuration. */
export function registerConfig(program: Command): void {
  const config = program.command("config").description("look at the service's configuration");
  registerCheck(config, {
    env: process.env,
    write: (text) => process.stdout.write(text),
    exit: (code) => {
      process.exitCode = code;
    },
  });
}
