import { pino } from "pino";
import { BusLine } from "../bus-line.js";
import type { LoadedConfig } from "../config/load.js";
import { brokers } from "./broker.js";
import { type Finding, wrong } from "./finding.js";
import { pluginTopic, serviceTopic } from "./topics.js";

/**
 * Looks at everything between nova-compute and the service that an operator can have got wrong: brokers and logins, rights, topics and
 * versions. It changes nothing. What hangs on a thing that is wrong is not looked at.
 * @param hosts whose nova-compute is to have the plugin
 */
export async function diagnose(
  { bus }: LoadedConfig,
  hosts: readonly string[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (bus === undefined) {
    return [
      wrong(
        "transport_url",
        "is not set: there is no bus",
        "Give [DEFAULT] transport_url the value that nova.conf has.",
      ),
    ];
  }
  const logger = pino({ level: "silent" });
  const findings = await brokers(bus, logger, signal);
  if (findings.some(({ state }) => state === "wrong")) return findings;
  const line = BusLine.open(bus, logger);
  try {
    const client = line.client();
    try {
      findings.push(await serviceTopic(line, client, signal));
      for (const host of hosts) findings.push(await pluginTopic(line, client, host, signal));
    } finally {
      await client.close();
    }
  } finally {
    await line.close();
  }
  return findings;
}
