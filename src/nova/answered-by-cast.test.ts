import type { Json, JsonObject } from "#bus/json.js";
import type { IncomingRequest } from "#bus/server/endpoint.js";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import { answeredByCast } from "./answered-by-cast.js";

const CALL_ID = "8d1f9c1e-5a7c-4f0e-8c55-0d7e2f3b4a10";
const NOW = new Date("2026-01-01T00:00:00.000Z");
const to = { server: "compute1", call_id: CALL_ID, expires_at: "2026-01-01T00:00:04.000Z" };

/** A method that gives or throws something, what it was asked, and what was answered. */
function open(outcome: Json | Error) {
  const asked: JsonObject[] = [];
  const answered: JsonObject[] = [];
  const body = async (args: JsonObject) => {
    asked.push(args);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const send = async (_: unknown, answer: JsonObject) => void answered.push(answer);
  const method = answeredByCast({ idempotent: true, run: body }, send, () => NOW);
  const run = (args: JsonObject, messageId?: string) => {
    const request: IncomingRequest = {
      ...{ method: "m", version: "1.2", context: {}, messageId },
      signal: new AbortController().signal,
    };
    return method.run(args, request);
  };
  return { asked, answered, run };
}

test("what a cast gave is told to whom it names, and the method sees its own arguments only", async () => {
  const { asked, answered, run } = open({ big: 12345678901234567n.toString(), size: 7 });
  await run({ a: 1, answer_to: to });
  expect(asked).toEqual([{ a: 1 }]);
  expect(answered).toEqual([{ to, result: '{"big":"12345678901234567","size":7}' }]);
});

test.each([
  [
    new RpcFailure("Invalid", "nova.exception", "too much [CONTENT_TOO_LARGE]"),
    { exception_class: "Invalid", exception_module: "nova.exception", message: "too much [CONTENT_TOO_LARGE]" },
  ],
  [
    new Error("secret internals"),
    { exception_class: "RuntimeError", exception_module: "builtins", message: "the service failed" },
  ],
])("%s is told as the exception that a caller rebuilds", async (error, failure) => {
  const { answered, run } = open(error);
  await run({ answer_to: to });
  expect(answered).toEqual([{ to, failure }]);
});

test("a cast for which nobody waits any more is not begun", async () => {
  const { asked, answered, run } = open(null);
  await run({ answer_to: { ...to, expires_at: NOW.toISOString() } });
  expect([...asked, ...answered]).toEqual([]);
});

test("calls and casts that name nobody are as they were: a call has its own way back", async () => {
  const { asked, answered, run } = open({ a: 1 });
  expect(await run({ answer_to: to }, "a call")).toEqual({ a: 1 });
  expect(await run({ b: 2 })).toEqual({ a: 1 });
  expect(asked).toEqual([{ answer_to: to }, { b: 2 }]);
  expect(answered).toEqual([]);
});

test.each([
  ["server", { ...to, server: "compute1\n" }],
  ["call_id", { ...to, call_id: "1" }],
  ["expires_at", { server: "compute1", call_id: CALL_ID }],
  ["topic", { ...to, topic: "compute" }],
])("an address whose %s is wrong is refused by name, and nothing is begun", async (field, wrong) => {
  const { asked, run } = open(null);
  await expect(run({ answer_to: wrong })).rejects.toMatchObject({ message: expect.stringContaining(field) });
  expect(asked).toEqual([]);
});
