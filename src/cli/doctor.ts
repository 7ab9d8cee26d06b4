import type { Command } from "commander";
import type { Finding } from "#daemon/doctor/finding.js";
import { CommandFailure } from "./failure.js";
import { screenOf } from "./screen.js";

/** Longest time for all of it. */
const DEADLINE_MS = 60_000;

/** `configdrive doctor`: says what is wrong between nova-compute and the service, and what to do. */
export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description("look for what is wrong between nova-compute and the service; exits 1 where something is")
    .option(
      "--config-file <file...>",
      "as for serve; nova.conf will do, for its transport_url (docs/configuration.md)",
      [],
    )
    .option("--compute <host...>", "also ask the plugin in the nova-compute of these hosts", [])
    .option("--json", "print what was found as one JSON document")
    .action(async ({ configFile, compute, json }: { configFile: string[]; compute: string[]; json?: boolean }) => {
      const { loadConfig } = await import("#daemon/config/load.js");
      const { diagnose } = await import("#daemon/doctor/diagnose.js");
      const loaded = loadConfig(configFile, process.env);
      const plugins = loaded.config.hypervisor === "nova" ? [loaded.config.host, ...compute] : compute;
      const findings = await diagnose(loaded, [...new Set(plugins)], AbortSignal.timeout(DEADLINE_MS));
      process.stdout.write(json === true ? `${JSON.stringify(findings, null, 2)}\n` : told(findings));
      const problems = findings.filter(({ state }) => state === "wrong").length;
      if (problems > 0) throw new CommandFailure(`${problems} of ${findings.length} things are wrong`);
    });
}

function told(findings: readonly Finding[]): string {
  const { paint } = screenOf(process.stdout, process.env);
  const style = { fine: "good", wrong: "bad" } as const;
  return findings
    .flatMap(({ state, subject, says, advice }) => [
      `${paint(style[state], state.padEnd(5))}  ${subject}: ${says}\n`,
      ...(advice === undefined ? [] : [`       ${advice}\n`]),
    ])
    .join("");
}
