import type { JsonObject } from "../json.js";
import { decodeRequest } from "../wire/request.js";
import { isCall, readRequest } from "./read-request.js";

function outcome(inner: JsonObject): unknown {
  const read = readRequest(decodeRequest(inner));
  return "className" in read ? `${read.className}: ${read.message}` : read;
}

test("what is absent gets its default (wire §5.1)", () => {
  expect(outcome({ method: "m" })).toEqual({ method: "m", namespace: undefined, version: "1.0", args: {} });
  expect(outcome({ method: "m", namespace: null, args: {} })).toHaveProperty("namespace", undefined);
  expect(outcome({ method: "m", namespace: "" })).toHaveProperty("namespace", "");
});

test.each([
  [{}, "TypeError: method must be a string"],
  [{ method: null }, "TypeError: method must be a string"],
  [{ method: ["m"] }, "TypeError: method must be a string"],
  [
    { method: "m", version: null },
    "UnsupportedVersion: Endpoint does not support RPC version None. Attempted method: m",
  ],
  [{ method: "m", version: 1 }, "TypeError: version must be a string"],
  [{ method: "m", version: "1" }, "IndexError: version must be major.minor"],
  [{ method: "m", version: "1.x" }, "ValueError: version must be major.minor"],
  [{ method: "m", namespace: 7 }, "UnsupportedVersion: Endpoint does not support RPC version 1.0. Attempted method: m"],
  [{ method: "m", args: null }, "AttributeError: args must be an object of keyword arguments"],
  [{ method: "m", args: [1] }, "AttributeError: args must be an object of keyword arguments"],
])("%j is answered with a failure that Python knows (wire §5.1, §5.5)", (inner, expected) => {
  expect(outcome(inner)).toBe(expected);
});

test.each([
  ["id", true],
  [7, true],
  ["", false],
  [null, false],
  [0, false],
])("_msg_id %j asks for a reply: %s (wire §5.1)", (id, expected) => {
  expect(isCall(decodeRequest({ method: "m", _msg_id: id }))).toBe(expected);
});
