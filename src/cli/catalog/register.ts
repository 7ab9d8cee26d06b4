import type { Command } from "commander";
import { CommandFailure } from "../failure.js";

/** `configdrive catalog …`: what an operator does with the catalog itself, while no service runs. */
export function registerCatalog(program: Command): void {
  program
    .command("catalog")
    .description("look after the catalog while no service runs")
    .command("go-back")
    .description(
      "bring the tables back for an older version of the service, whose newest migration is named (docs/upgrade.md)",
    )
    .argument("<migration>", "such as 0007-leftovers")
    .option("--config-file <file...>", "as for serve", [])
    .action(async (migration: string, { configFile }: { configFile: string[] }) => {
      const { goBackAsConfigured } = await import("#daemon/catalog-go-back.js");
      const went = await goBackAsConfigured(configFile, process.env, migration);
      if ("refused" in went) throw new CommandFailure(went.refused);
      for (const name of went.undone) process.stdout.write(`undone  ${name}\n`);
      if (went.undone.length === 0) process.stdout.write(`nothing to undo: ${migration} is the newest that there is\n`);
    });
}
