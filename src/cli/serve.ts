import type { Command } from "commander";

/** `configdrive serve`: runs the service in the foreground. */
export function registerServe(program: Command): void {
  program
    .command("serve")
    .description("run the service in the foreground; the log goes to stderr")
    .option(
      "--config-file <file...>",
      "an INI file, as OpenStack services have it; of several, later ones count (docs/configuration.md)",
      [],
    )
    .action(async ({ configFile }: { configFile: string[] }) => {
      // A log that nobody reads any more is no reason to end.
      process.stderr.on("error", () => undefined);
      const { serve } = await import("#daemon/serve.js");
      process.exitCode = await serve(configFile, {
        env: process.env,
        stderr: process.stderr,
        signals: process,
        onCrash: (listener) => process.on("uncaughtExceptionMonitor", listener),
        exit: (code) => process.exit(code),
      });
    });
}
