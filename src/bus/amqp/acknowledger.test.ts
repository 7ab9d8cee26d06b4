import type { ConsumeMessage, Message } from "amqplib";
import { Acknowledger } from "./acknowledger.js";

/** An acknowledger that holds deliveries 1 to `count`, and what it sent to the broker. */
function holding(count: number): { sent: string[]; messages: ConsumeMessage[]; acknowledger: Acknowledger } {
  const sent: string[] = [];
  const tag = ({ fields }: Message): number => fields.deliveryTag;
  const acknowledger = new Acknowledger({
    ack: (message, multiple) => sent.push(`ack ${tag(message)}${multiple === true ? " and all before" : ""}`),
    reject: (message, requeue) => sent.push(`${requeue === true ? "requeue" : "reject"} ${tag(message)}`),
  });
  const messages = Array.from({ length: count }, (_, index) => delivery(index + 1));
  for (const message of messages) acknowledger.hold(message);
  return { sent, messages, acknowledger };
}

function delivery(deliveryTag: number): ConsumeMessage {
  const absent = undefined;
  return {
    content: Buffer.alloc(0),
    fields: { deliveryTag, redelivered: false, exchange: "", routingKey: "", consumerTag: "1" },
    properties: {
      ...{ contentType: absent, contentEncoding: absent, headers: absent, deliveryMode: absent, priority: absent },
      ...{ correlationId: absent, replyTo: absent, expiration: absent, messageId: absent, timestamp: absent },
      ...{ type: absent, userId: absent, appId: absent, clusterId: absent },
    },
  };
}

test("what was acknowledged in one turn goes out as one", async () => {
  const { sent, messages, acknowledger } = holding(3);
  for (const message of messages) acknowledger.ack(message);
  expect(sent).toEqual([]);
  await Promise.resolve();
  expect(sent).toEqual(["ack 3 and all before"]);
});

test("nothing above a delivery that is still held is taken along with it", () => {
  const { sent, messages, acknowledger } = holding(5);
  for (const index of [3, 0, 4, 1]) acknowledger.ack(messages[index]!);
  acknowledger.flush();
  expect(sent).toEqual(["ack 4", "ack 5", "ack 2 and all before"]);
  acknowledger.ack(messages[2]!);
  acknowledger.flush();
  expect(sent.at(-1)).toBe("ack 3 and all before");
});

test("a rejected delivery is not acknowledged, and holds nothing back", () => {
  const { sent, messages, acknowledger } = holding(3);
  acknowledger.reject(messages[0]!, false);
  acknowledger.reject(messages[1]!, true);
  acknowledger.ack(messages[2]!);
  acknowledger.flush();
  expect(sent).toEqual(["reject 1", "requeue 2", "ack 3 and all before"]);
});
