import { randomUUID } from "node:crypto";
import type { Channel } from "amqplib";
import type { BrokerSession } from "#bus/amqp/broker-session.js";
import { type Finding, fine, wrong } from "./finding.js";

/** What a server of oslo.messaging does with its queue, and the permission of RabbitMQ that it needs. A bind reads the exchange too. */
const STEPS = [
  { needs: "configure", to: "declare a queue", run: declare },
  { needs: "read", to: "take from a queue", run: take },
  { needs: "write", to: "bind a queue", run: bind },
] as const;

/** Whether the user may do what the bus needs, tried on a queue of our own that goes with its connection. */
export async function rights(session: BrokerSession, user: string, vhost: string): Promise<Finding> {
  const subject = `rights of ${user}`;
  const queue = `configdrive_doctor_${randomUUID()}`;
  for (const { needs, to, run } of STEPS) {
    // A channel for each: the broker closes it where something is refused.
    const { channel, close } = await session.openChannel();
    try {
      await run(channel, queue);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!text.includes("ACCESS_REFUSED")) throw error;
      const advice = `docs/security.md has what each role needs; or all three for everything: rabbitmqctl set_permissions -p ${vhost} ${user} '.*' '.*' '.*'`;
      return wrong(subject, `${user} may not ${to}: the permission "${needs}" is missing`, advice);
    } finally {
      await close();
    }
  }
  return fine(subject, "may declare, send and take");
}

async function declare(channel: Channel, queue: string): Promise<void> {
  await channel.assertQueue(queue, { exclusive: true, autoDelete: true });
}

/** To an exchange that every broker has. */
async function bind(channel: Channel, queue: string): Promise<void> {
  await channel.bindQueue(queue, "amq.topic", queue);
}

async function take(channel: Channel, queue: string): Promise<void> {
  await channel.get(queue, { noAck: true });
}
