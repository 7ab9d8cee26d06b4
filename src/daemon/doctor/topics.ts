import { contract } from "#api/contract.js";
import { consumerCount } from "#bus/amqp/consumer-count.js";
import { CallTimeout, Undeliverable } from "#bus/client/call-errors.js";
import type { RpcClient } from "#bus/client/rpc-client.js";
import { RemoteError } from "#bus/wire/remote-error.js";
import { ANSWER_VERSION, PLUGIN_TARGET } from "#nova/answer-protocol.js";
import { BUS_TARGET } from "../bus-door.js";
import type { BusLine } from "../bus-line.js";
import { type Finding, fine, wrong } from "./finding.js";

/** Who lives answers a question that changes nothing within this time. */
const ANSWER_MS = 5000;
/** An instance that nobody has. */
const NO_INSTANCE = "00000000-0000-0000-0000-000000000000";

interface Asked {
  readonly topic: string;
  readonly server?: string;
  readonly version: string;
  readonly method: string;
  readonly args: { [name: string]: string };
  /** Who is to be there, and what starts it. */
  readonly who: string;
  readonly start: string;
}

/** Whether the service can be asked, and speaks the version of the contract that this program has. */
export function serviceTopic(line: BusLine, client: RpcClient, signal: AbortSignal): Promise<Finding> {
  const { version } = contract();
  return topic(line, client, signal, {
    ...{ topic: BUS_TARGET.topic, version, method: "get_capabilities", args: {}, who: "the service" },
    start: "Start it (configdrive serve) with the transport_url of nova, virtual host included.",
  });
}

/** Whether the plugin in a host's nova-compute can be asked. */
export function pluginTopic(line: BusLine, client: RpcClient, server: string, signal: AbortSignal): Promise<Finding> {
  return topic(line, client, signal, {
    ...{ topic: PLUGIN_TARGET.topic, server, version: ANSWER_VERSION, method: "observe_instance" },
    args: { instance_id: NO_INSTANCE },
    who: `the plugin in nova-compute on ${server}`,
    start: `Set compute_driver = configdrive_bridge.LibvirtDriver there, and see that its host is ${server} and its transport_url this one.`,
  });
}

async function topic(line: BusLine, client: RpcClient, signal: AbortSignal, asked: Asked): Promise<Finding> {
  const { server, version, method, args, who, start } = asked;
  const queue = server === undefined ? asked.topic : `${asked.topic}.${server}`;
  const subject = `topic ${queue}`;
  const consumers = await consumerCount(line.connection, queue, signal);
  if (consumers === 0) return wrong(subject, `nobody serves it: ${who} is not there`, start);
  const { exchange } = BUS_TARGET;
  const target = { exchange, topic: asked.topic, server, version };
  try {
    await client.call(target, method, args, { mandatory: true, timeoutMs: ANSWER_MS, signal });
  } catch (error) {
    if (error instanceof Undeliverable) {
      return wrong(
        subject,
        `somebody serves a topic of this name at another exchange; nothing reaches it at exchange ${exchange}`,
        `Whoever listens there is not ours, or asks for control_exchange in place of ${exchange}: see who it is (rabbitmqctl list_consumers, list_bindings).`,
      );
    }
    if (error instanceof CallTimeout) {
      const says = `${consumers} consume from it, and none answers within ${ANSWER_MS / 1000} s`;
      return wrong(
        subject,
        says,
        `Look at the log of ${who}: it stands still, or its connection broke without a word.`,
      );
    }
    if (!(error instanceof RemoteError)) throw error;
    if (error.failure.className === "UnsupportedVersion" || error.failure.className === "NoSuchMethod") {
      return wrong(
        subject,
        `${who} is older than this program: it does not know ${method} ${version}`,
        "Upgrade it. Until then, [upgrade_levels] configdrive in nova.conf keeps nova-compute to what the service knows.",
      );
    }
    // It refused, so it is there and understands.
  }
  return fine(subject, `${who} answers, and knows version ${version}`);
}
