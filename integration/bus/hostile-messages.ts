import { deflateSync, gzipSync } from "node:zlib";
import type { Options } from "amqplib";
import fc from "#integration/rigs/properties.js";

/** A message as it is published. */
export interface HostileMessage {
  /** What is wrong with it, for the report. */
  readonly fault: string;
  /** How many members of the request are wrong. */
  readonly wrongMembers: number;
  readonly body: Buffer;
  readonly properties: Options.Publish;
}

/** A message still to be addressed: `number` makes its ids its own, `replyQueue` is where an answer would go. */
export type HostileTemplate = (number: number, replyQueue: string) => HostileMessage;

/** Members of an object as JSON texts, so that they can be what no JavaScript value is. */
type Members = readonly (readonly [string, string])[];

const deep = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** JSON texts of every type, and texts that are JSON to Python only. `#` stands for the message's number. */
const anyJson = fc.constantFrom(
  ...["null", "true", "false", "0", "1", "-1", "-0", "1.5", "1e400", "NaN", "Infinity", "-Infinity"],
  ...["9007199254740993", "9223372036854775808", "-1180591620717411303424", "1e-400"],
  ...[
    '""',
    '"x"',
    '"1.0"',
    '"1"',
    '"2.0"',
    '"1.x"',
    '"echo"',
    '"_private"',
    '"\\ud800"',
    '"\\u0000"',
    '"é😀"',
    '"__proto__"',
  ],
  ...["[]", "[#]", "[[],{}]", "{}", '{"arg":#}', '{"__proto__":{"arg":1}}', '{"arg":1,"more":2}', deep(50), deep(3000)],
);

/** Ids that differ from message to message, whatever their type, and values that count as none. */
const anyId = fc.constantFrom(...["#", "[#]", '{"n":#}', '"id-#"', "#.5"], ...["null", '""', "0", "false", "[]", "{}"]);

const requestKeys = ["method", "args", "namespace", "version", "_timeout", "_context_user", "_context_"] as const;
const strangeKeys = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "_context___proto__",
  "",
  "é",
  "oslo.version",
] as const;

type Change = { readonly key: string; readonly json: string | undefined };

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ key: fc.constantFrom(...requestKeys), json: anyJson }) },
  { weight: 2, arbitrary: fc.record({ key: fc.constantFrom("_msg_id", "_unique_id"), json: anyId }) },
  {
    weight: 2,
    arbitrary: fc.record({
      key: fc.constantFrom(...requestKeys, "_msg_id", "_unique_id"),
      json: fc.constant(undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ key: fc.constantFrom(...strangeKeys), json: anyJson }) },
);

const envelopeChange: fc.Arbitrary<Change> = fc.record({
  key: fc.constantFrom("oslo.version", "oslo.message", "more"),
  json: fc.option(anyJson, { nil: undefined }),
});

type Spoil = { readonly name: string; readonly apply: (body: Buffer) => Buffer };

const anywhere = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const spoil: fc.Arbitrary<Spoil> = fc.oneof(
  anywhere.map((at) => ({
    name: "truncated",
    apply: (body: Buffer) => body.subarray(0, Math.floor(body.length * at)),
  })),
  fc.tuple(anywhere, fc.nat(255)).map(([at, byte]) => ({
    name: "a byte changed",
    apply: (body: Buffer) => {
      const changed = Buffer.from(body);
      changed[Math.floor(body.length * at)] = byte;
      return changed;
    },
  })),
  fc.constantFrom<Spoil>(
    { name: "empty", apply: () => Buffer.alloc(0) },
    { name: "UTF-16", apply: (body) => Buffer.from(body.toString(), "utf16le") },
    { name: "Latin-1", apply: (body) => Buffer.from(body.toString().replace("echo", "echö"), "latin1") },
    { name: "byte order mark", apply: (body) => Buffer.concat([Buffer.from("\ufeff"), body]) },
    { name: "in an array", apply: (body) => Buffer.from(`[${body}]`) },
    { name: "in a string", apply: (body) => Buffer.from(JSON.stringify(body.toString())) },
    { name: "twice", apply: (body) => Buffer.concat([body, body]) },
    { name: "white space around", apply: (body) => Buffer.from(`\n\t ${body} \r\n`) },
    { name: "a NUL behind", apply: (body) => Buffer.concat([body, Buffer.from([0])]) },
    { name: "huge", apply: (body) => Buffer.concat([body, Buffer.alloc(1 << 20, 0x20)]) },
  ),
);

type Wrapping = {
  readonly name: string;
  readonly wrap: (body: Buffer) => { body: Buffer; properties: Options.Publish };
};

const plain = { contentType: "application/json", headers: {} };
const zipped = { ...plain, headers: { compression: "application/x-gzip" } };
const bomb = deflateSync(Buffer.alloc(100 << 20, 0x20));
const wrapping: fc.Arbitrary<Wrapping> = fc.constantFrom<Wrapping>(
  { name: "no content type", wrap: (body) => ({ body, properties: { headers: {} } }) },
  {
    name: "content type with charset",
    wrap: (body) => ({ body, properties: { contentType: "application/json; charset=utf-8" } }),
  },
  { name: "content type of text", wrap: (body) => ({ body, properties: { contentType: "text/plain" } }) },
  { name: "another encoding said", wrap: (body) => ({ body, properties: { ...plain, contentEncoding: "utf-16" } }) },
  { name: "compressed", wrap: (body) => ({ body: deflateSync(body), properties: zipped }) },
  { name: "said to be compressed", wrap: (body) => ({ body, properties: zipped }) },
  { name: "truly gzip", wrap: (body) => ({ body: gzipSync(body), properties: zipped }) },
  { name: "compressed and cut", wrap: (body) => ({ body: deflateSync(body).subarray(0, -9), properties: zipped }) },
  { name: "compressed unsaid", wrap: (body) => ({ body: deflateSync(body), properties: plain }) },
  { name: "unknown compression", wrap: (body) => ({ body, properties: { ...plain, headers: { compression: "x" } } }) },
  {
    name: "strange headers",
    wrap: (body) => ({ body, properties: { ...plain, headers: { a: [1, { b: true }], traceparent: 5 } } }),
  },
  {
    name: "properties of other protocols",
    wrap: (body) => ({
      body,
      properties: { ...plain, replyTo: "x", correlationId: "y", type: "z", appId: "w", timestamp: 1 },
    }),
  },
);

/** A bomb costs a receiver some time even where it is defused, so there are few. */
const rareWrapping: Wrapping = { name: "a bomb", wrap: () => ({ body: bomb, properties: zipped }) };

/** Requests to a method `echo(arg)`, each wrong in one or several ways, some in none. */
export const hostileRequest: fc.Arbitrary<HostileTemplate> = fc
  .record({
    changes: fc.array(change, { maxLength: 3 }),
    enveloped: fc.oneof({ weight: 8, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    envelopeChanges: rarely(envelopeChange, 8),
    spoil: rarely(spoil, 5),
    wrapping: fc.oneof(
      { weight: 300, arbitrary: rarely(wrapping, 5) },
      { weight: 1, arbitrary: fc.constant(rareWrapping) },
    ),
  })
  .map(({ changes, enveloped, envelopeChanges, spoil: spoiled, wrapping: wrapped }) => (number, replyQueue) => {
    const inner = changed(baseRequest(replyQueue), changes, number);
    const outer: Members = [
      ["oslo.version", '"2.0"'],
      ["oslo.message", JSON.stringify(inner)],
    ];
    const changesOutside = envelopeChanges === undefined ? [] : [envelopeChanges];
    const text = enveloped ? changed(outer, changesOutside, number) : inner;
    const bytes = Buffer.from(text);
    const body = spoiled === undefined ? bytes : spoiled.apply(bytes);
    const { body: final, properties } = wrapped === undefined ? { body, properties: plain } : wrapped.wrap(body);
    const faults = [...changes, ...changesOutside].map(({ key, json }) => `${key}=${json?.slice(0, 40)}`);
    const how = [enveloped ? "" : "no envelope", spoiled?.name ?? "", wrapped?.name ?? ""];
    const fault = [...faults, ...how].filter((part) => part !== "").join("; ");
    return { fault, wrongMembers: changes.length, body: final, properties };
  });

/** Replies for calls that may exist or not, wrong at any key. */
export const hostileReply: fc.Arbitrary<HostileTemplate> = fc
  .record({
    changes: fc.array(
      fc.record({
        key: fc.constantFrom("result", "failure", "ending", "_unique_id", "more"),
        json: fc.option(anyJson, { nil: undefined }),
      }),
      { maxLength: 3 },
    ),
    msgId: fc.oneof(anyId, anyJson),
    spoil: rarely(spoil, 5),
    wrapping: rarely(wrapping, 5),
  })
  .map(({ changes, msgId, spoil: spoiled, wrapping: wrapped }) => (number) => {
    const base: Members = [
      ["result", "null"],
      ["failure", "null"],
      ["ending", "false"],
    ];
    const inner = changed([...base, ["_msg_id", msgId]], changes, number);
    const text = JSON.stringify({ "oslo.version": "2.0", "oslo.message": inner });
    const body = spoiled === undefined ? Buffer.from(text) : spoiled.apply(Buffer.from(text));
    const { body: final, properties } = wrapped === undefined ? { body, properties: plain } : wrapped.wrap(body);
    const fault = changes.map(({ key, json }) => `${key}=${json}`).join("; ");
    return { fault, wrongMembers: changes.length, body: final, properties };
  });

/** The same values, differently each time, for a seed. */
export function sample<Value>(arbitrary: fc.Arbitrary<Value>, count: number, seed: number): Value[] {
  return fc.sample(arbitrary, { numRuns: count, seed });
}

function baseRequest(replyQueue: string): Members {
  return [
    ["method", '"echo"'],
    ["args", '{"arg":#}'],
    ["version", '"1.0"'],
    ["_msg_id", '"call-#"'],
    ["_reply_q", JSON.stringify(replyQueue)],
    ["_timeout", "null"],
    ["_unique_id", '"unique-#"'],
    ["_context_user", '"u1"'],
  ];
}

/** Applies changes and writes the object; a member that is changed keeps its first place as well, so some keys come twice. */
function changed(members: Members, changes: readonly Change[], number: number): string {
  const gone = new Set(changes.filter(({ json }) => json === undefined).map(({ key }) => key));
  const added = changes.flatMap(({ key, json }) => (json === undefined || gone.has(key) ? [] : [[key, json] as const]));
  const all = [...members.filter(([key]) => !gone.has(key)), ...added];
  const text = `{${all.map(([key, json]) => `${JSON.stringify(key)}: ${json}`).join(", ")}}`;
  return text.replaceAll("#", String(number));
}

/** Undefined but for one in so many. */
function rarely<Value>(arbitrary: fc.Arbitrary<Value>, oneIn: number): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}
