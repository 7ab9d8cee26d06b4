import { jest } from "@jest/globals";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { type FaultName, faults } from "./faults.js";

jest.setTimeout(180_000);

const inFull = process.env.FORM === "full";
const queueKinds: Record<string, Record<string, string>> = {
  durable: { amqp_durable_queues: "true" },
  ...(inFull ? { quorum: { rabbit_quorum_queue: "true" } } : {}),
};
/** What takes a whole node down and up: in the short form only the containers' suite does that. */
const slow: readonly FaultName[] = [
  "the broker restarts",
  "the broker is killed as by a power cut, and comes back",
  "the broker is paused for longer than a request may take: connections are half-open",
];

let broker: RabbitMq;

beforeAll(async () => {
  broker = await RabbitMq.start();
}, 120_000);

afterAll(async () => {
  await broker?.stop();
});

describe.each(Object.entries(queueKinds))("under load, on %s queues", (kind, options) => {
  for (const [name, fault] of Object.entries(faults)) {
    if (!inFull && slow.some((one) => one === name)) continue;
    test(name, () => fault({ broker, topic: `load_${kind}`, options }));
  }
});
