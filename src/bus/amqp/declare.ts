import { isNativeError } from "node:util/types";
import type { Channel } from "amqplib";
import type { Logger } from "../ports.js";
import type { BrokerSession } from "./broker-session.js";
import type { ExchangeDeclaration, QueueDeclaration } from "./topology.js";

const PRECONDITION_FAILED = 406;

/**
 * Declares an exchange. One that exists as non-durable is taken as it is, as oslo.messaging 17.2 does: services that share a control
 * exchange do not always agree on its durability.
 * @throws the broker's error, which names the argument that differs.
 */
export async function declareExchange(
  session: BrokerSession,
  exchange: ExchangeDeclaration,
  logger: Logger,
): Promise<void> {
  await declareOrYield(session, exchange, (channel, durable) => assertExchange(channel, exchange, durable), logger);
}

/** Declares a queue, its exchanges and the bindings between them; a non-durable one that exists is taken as it is. */
export async function declareQueue(session: BrokerSession, queue: QueueDeclaration, logger: Logger): Promise<void> {
  for (const { exchange } of queue.bindings) await declareExchange(session, exchange, logger);
  await declareOrYield(session, queue, (channel, durable) => assertQueue(channel, queue, durable), logger);
  for (const { exchange, routingKey } of queue.bindings) {
    await onChannel(session, (channel) => channel.bindQueue(queue.name, exchange.name, routingKey));
  }
}

/** A refused declaration closes its channel, so each attempt has one of its own and nobody else's channel is at stake. */
async function declareOrYield(
  session: BrokerSession,
  declared: { readonly name: string; readonly durable: boolean },
  declare: (channel: Channel, durable: boolean) => Promise<unknown>,
  logger: Logger,
): Promise<void> {
  try {
    await onChannel(session, (channel) => declare(channel, declared.durable));
  } catch (error) {
    if (!declared.durable || !durabilityDiffers(error)) throw error;
    logger.info({ name: declared.name }, "declared as durable, but exists as non-durable: taken as it is");
    await onChannel(session, (channel) => declare(channel, false));
  }
}

async function onChannel(session: BrokerSession, work: (channel: Channel) => Promise<unknown>): Promise<void> {
  const open = await session.openChannel();
  try {
    await work(open.channel);
  } finally {
    await open.close();
  }
}

function assertExchange(channel: Channel, exchange: ExchangeDeclaration, durable: boolean): Promise<unknown> {
  return channel.assertExchange(exchange.name, exchange.type, { durable, autoDelete: exchange.autoDelete });
}

function assertQueue(channel: Channel, queue: QueueDeclaration, durable: boolean): Promise<unknown> {
  const { autoDelete, arguments: extra } = queue;
  return channel.assertQueue(queue.name, { durable, autoDelete, exclusive: false, arguments: { ...extra } });
}

function durabilityDiffers(error: unknown): boolean {
  if (!isNativeError(error) || !("code" in error) || error.code !== PRECONDITION_FAILED) return false;
  return error.message.includes("inequivalent arg 'durable'");
}
