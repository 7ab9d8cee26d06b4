import type { BusConnection } from "#bus/amqp/bus-connection.js";
import { consumerCount } from "#bus/amqp/consumer-count.js";
import type { RpcClient } from "#bus/client/rpc-client.js";
import type { Logger } from "#bus/ports.js";
import { Refusal } from "#drive/refusal.js";
import { AGENT_TARGET, agentProtocol, methodIn } from "../protocol.js";

/** An agent that lives answers within this time, in milliseconds. */
const ANSWER_MS = 2000;

/**
 * Refuses to be the second agent of a host: whoever serves it is asked. A connection that broke without a word still counts
 * with the broker, but does not answer. Two that begin in the same moment are found out by the services, which then use neither.
 * Refusals: HOST_AMBIGUOUS.
 * @param signal ends the look-up where no broker is there; the agent begins all the same
 */
export async function refuseRival(
  connection: BusConnection,
  client: RpcClient,
  host: string,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { busName, since } = methodIn(agentProtocol(), "DescribeHost");
  try {
    if ((await consumerCount(connection, `${AGENT_TARGET.topic}.${host}`, signal)) === 0) return;
    const target = { ...AGENT_TARGET, server: host, version: since };
    await client.call(target, busName, {}, { mandatory: true, timeoutMs: ANSWER_MS, signal });
  } catch (error) {
    logger.info({ err: error }, "nobody else answers for this host");
    return;
  }
  throw new Refusal("HOST_AMBIGUOUS", `another agent answers for host ${host}: give each host a name of its own`, {
    metadata: { host },
  });
}
