import { Dispatcher } from "./dispatch.js";
import type { RpcMethod } from "./endpoint.js";

const run = async (): Promise<null> => null;

function methods(...names: string[]): ReadonlyMap<string, RpcMethod> {
  return new Map(names.map((name) => [name, run]));
}

const dispatcher = new Dispatcher([
  { version: "1.4", methods: methods("echo", "_private") },
  { version: "2.0", methods: new Map([["echo", { run, idempotent: true }]]) },
  { namespace: "control", version: "1.0", methods: methods("stop") },
  { namespace: "", version: "1.0", methods: methods("blank") },
]);

function answer(method: string, namespace: string | undefined, version: string): string {
  const found = dispatcher.find(method, namespace, version);
  if ("run" in found) return found.idempotent ? "idempotent" : "found";
  return found.className;
}

test.each([
  ["echo", undefined, "1.0", "found"],
  ["echo", undefined, "1.4", "found"],
  ["echo", undefined, "1.5", "UnsupportedVersion"],
  ["echo", undefined, "2.0", "idempotent"],
  ["echo", undefined, "3.0", "UnsupportedVersion"],
  ["echo", undefined, "nonsense", "UnsupportedVersion"],
  ["other", undefined, "1.0", "NoSuchMethod"],
  ["_private", undefined, "1.0", "NoSuchMethod"],
  ["stop", "control", "1.0", "found"],
  ["stop", undefined, "1.0", "NoSuchMethod"],
  ["echo", "elsewhere", "1.0", "UnsupportedVersion"],
  ["blank", "", "1.0", "found"],
  ["constructor", undefined, "1.0", "NoSuchMethod"],
  ["__proto__", undefined, "1.0", "NoSuchMethod"],
])("%s in %s at %s: %s (wire §5.5)", (method, namespace, version, expected) => {
  expect(answer(method, namespace, version)).toBe(expected);
});

test("an endpoint without a proper version is a mistake that shows at once", () => {
  expect(() => new Dispatcher([{ version: "1", methods: methods() }])).toThrow("major.minor");
});
