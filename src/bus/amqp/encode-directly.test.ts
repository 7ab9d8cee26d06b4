import { createRequire } from "node:module";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { encodeDirectly } from "./encode-directly.js";
import type { FrameSink, LibraryConnection, Publishing } from "./library-connection.js";

const BASIC_PUBLISH = 0x003c_0028;
const BASIC_ACK = 0x003c_0050;
const BASIC_REJECT = 0x003c_005a;
const BASIC_PROPERTIES = 60;
const CHANNEL = 258;

interface Ours extends LibraryConnection {
  channels: ({ buffer: FrameSink } | null)[];
  frameMax: number;
}

/** The library's own connection, and what one of its channels writes. */
function connection(): { connection: Ours; written: Buffer[] } {
  const library = createRequire(createRequire(import.meta.url).resolve("amqplib"));
  const made: Ours = new (library("./lib/connection.js").Connection)(new PassThrough());
  const written: Buffer[] = [];
  made.frameMax = 131_072;
  made.channels[CHANNEL] = { buffer: { write: (frame) => written.push(frame) > 0, end: () => undefined } };
  return { connection: made, written };
}

function send(to: Ours, publishing: Publishing, body: Buffer): void {
  to.sendMessage(CHANNEL, BASIC_PUBLISH, publishing, BASIC_PROPERTIES, publishing, body);
}

/** The bytes of the library alone, those with the short way, and how many pieces these came in. */
function compare(publishing: Publishing, body: Buffer): { theirs: string; ours: string; pieces: number } {
  const plain = connection();
  send(plain.connection, publishing, body);
  const short = connection();
  encodeDirectly(short.connection);
  send(short.connection, publishing, body);
  return {
    theirs: Buffer.concat(plain.written).toString("hex"),
    ours: Buffer.concat(short.written).toString("hex"),
    pieces: short.written.length,
  };
}

const usual: Publishing = {
  exchange: "",
  routingKey: "reply_0123456789abcdef0123456789abcdef",
  mandatory: true,
  contentType: "application/json",
  contentEncoding: "utf-8",
  headers: {},
  deliveryMode: 2,
  priority: 0,
  messageId: "0123456789abcdef0123456789abcdef",
};

test("a reply is the library's bytes, frame by frame", () => {
  const { theirs, ours, pieces } = compare(usual, Buffer.from("{}"));
  expect(ours).toBe(theirs);
  expect(pieces).toBe(1);
});

test.each<[string, Partial<Publishing>]>([
  ["headers", { headers: { compression: "application/x-gz" } }],
  ["headers that it inherits", { headers: Object.create({ traceparent: "00-1-2-01" }) }],
  ["a correlation id", { correlationId: "1" }],
  ["a reply queue", { replyTo: "reply" }],
  ["a timestamp", { timestamp: 1 }],
  ["a type", { type: "t" }],
  ["a user", { userId: "u" }],
  ["an application", { appId: "a" }],
  ["no content type", { contentType: undefined }],
  ["no priority", { priority: undefined }],
  ["a long routing key", { routingKey: "k".repeat(255) }],
])("one with %s loses nothing", (_what, more) => {
  const { theirs, ours } = compare({ ...usual, ...more }, Buffer.from("{}"));
  expect(ours).toBe(theirs);
});

test("a name that is too long is refused as the library refuses it", () => {
  const short = connection();
  encodeDirectly(short.connection);
  for (const field of ["exchange", "routingKey", "messageId", "expiration", "contentType"]) {
    expect(() => send(short.connection, { ...usual, [field]: "n".repeat(256) }, Buffer.from("{}"))).toThrow(field);
  }
  expect(short.written).toEqual([]);
});

test("whatever is published, the bytes are the library's", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 });
  const publishing = fc.record({
    exchange: text,
    routingKey: text,
    mandatory: fc.boolean(),
    contentType: fc.constantFrom("application/json", "text/plain"),
    contentEncoding: fc.constantFrom("utf-8", "binary"),
    headers: fc.constantFrom({}, { "x-delay": 1 }),
    deliveryMode: fc.constantFrom(1, 2),
    priority: fc.nat(9),
    expiration: fc.option(fc.nat().map(String), { nil: undefined }),
    messageId: fc.option(text, { nil: undefined }),
  });
  const body = fc.uint8Array({ maxLength: 3000, size: "max" }).map((octets) => Buffer.from(octets));
  fc.assert(
    fc.property(publishing, body, (fields, octets) => {
      let outcome: { theirs: string; ours: string };
      try {
        outcome = compare(fields, octets);
      } catch (error) {
        // Graphemes of many octets make a name too long; that is the library's to say.
        expect(String(error)).toMatch(/up to 255 chars/);
        return;
      }
      expect(outcome.ours).toBe(outcome.theirs);
    }),
  );
});

test.each([1, 255, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER])(
  "an acknowledgement of delivery %d is the library's bytes",
  (deliveryTag) => {
    for (const multiple of [false, true]) {
      const plain = connection();
      plain.connection.sendMethod(CHANNEL, BASIC_ACK, { deliveryTag, multiple });
      const direct = connection();
      encodeDirectly(direct.connection);
      direct.connection.sendMethod(CHANNEL, BASIC_ACK, { deliveryTag, multiple });
      expect(direct.written).toEqual(plain.written);
      expect(direct.connection.sentSinceLastCheck).toBe(true);
    }
  },
);

test("any other method is the library's", () => {
  const plain = connection();
  plain.connection.sendMethod(CHANNEL, BASIC_REJECT, { deliveryTag: 3, requeue: true });
  const direct = connection();
  encodeDirectly(direct.connection);
  direct.connection.sendMethod(CHANNEL, BASIC_REJECT, { deliveryTag: 3, requeue: true });
  expect(direct.written).toEqual(plain.written);
});
