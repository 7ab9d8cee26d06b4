import { decodeRequest, encodeRequest } from "./request.js";

const context = { user_id: "u1", roles: ["admin"], is_admin: true, unheard_of: { a: [1] } };

describe("requests (wire §5.1)", () => {
  test("a call carries id, reply queue and a _timeout that is null unless monitored", () => {
    const call = { msgId: "m", replyQueue: "reply_x", monitorTimeout: null };
    expect(encodeRequest({ method: "echo", args: { a: 1 }, version: "1.0", context, uniqueId: "u", call })).toEqual({
      method: "echo",
      args: { a: 1 },
      version: "1.0",
      _msg_id: "m",
      _reply_q: "reply_x",
      _timeout: null,
      _unique_id: "u",
      _context_user_id: "u1",
      _context_roles: ["admin"],
      _context_is_admin: true,
      _context_unheard_of: { a: [1] },
    });
  });

  test("a cast has none of these, and neither namespace nor version is ever null (§16.3)", () => {
    const inner = encodeRequest({ method: "m", args: {}, context: {}, uniqueId: "u" });
    expect(inner).toEqual({ method: "m", args: {}, _unique_id: "u" });
    expect(encodeRequest({ method: "m", args: {}, namespace: "", context: {}, uniqueId: "u" })).toHaveProperty(
      "namespace",
      "",
    );
  });

  test("what is written reads back, context keys unknown to us included", () => {
    const call = { msgId: "m", replyQueue: "reply_host:proc:1", monitorTimeout: 60 };
    const request = { method: "m", args: {}, namespace: "n", version: "1.1", context, uniqueId: "u" };
    const { method, args, namespace, version, uniqueId } = request;
    expect(decodeRequest(encodeRequest({ ...request, call }))).toMatchObject({
      ...{ method, args, namespace, version, uniqueId, context },
      ...{ msgId: "m", replyQueue: "reply_host:proc:1", monitorTimeout: 60 },
    });
  });

  test("absent keys are undefined, null ones null: a server treats them differently", () => {
    expect(decodeRequest({ version: null, other: 1 })).toMatchObject({ version: null, context: {} });
    expect(decodeRequest({ version: null, other: 1 })).toHaveProperty("namespace", undefined);
    expect(decodeRequest({}).version).toBeUndefined();
  });

  test("a context entry cannot reach an object's prototype", () => {
    const { context: received } = decodeRequest(
      JSON.parse('{"_context___proto__":{"is_admin":true},"__proto__":{"method":"m"}}'),
    );
    expect(received.is_admin).toBeUndefined();
    expect(Object.getPrototypeOf(received)).toBe(Object.prototype);
  });
});
