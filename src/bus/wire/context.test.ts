import { readContext, relayContext } from "./context.js";
import { safeContext } from "./safe-context.js";
import { readTraceContext, traceHeaders } from "./trace-context.js";

const requestId = "req-5e5f0273-c874-4df7-8ce7-c6329dd05e5f";
const nova = {
  user: "u-old",
  user_id: "u1",
  project_id: "p1",
  is_admin: false,
  read_only: false,
  roles: ["member", "reader"],
  auth_token: "hunter2",
  request_id: requestId,
  global_request_id: null,
  service_catalog: [{ type: "image" }],
  timestamp: "2026-11-22T12:21:54.407028",
  future_key: { a: 1 },
};

describe("request contexts (wire §13)", () => {
  test("known keys are read by type, the token is never printed", () => {
    const context = readContext(nova);
    expect(context).toMatchObject({
      requestId,
      userId: "u1",
      projectId: "p1",
      roles: ["member", "reader"],
      isAdmin: false,
    });
    expect(context.authToken?.reveal()).toBe("hunter2");
    expect(JSON.stringify(context)).not.toContain("hunter2");
  });

  test("older peers say tenant and user", () => {
    expect(readContext({ tenant: "p0", user: "u0" })).toMatchObject({ projectId: "p0", userId: "u0" });
  });

  test("entries of a wrong type count as absent, and text that is no request id is not taken for one", () => {
    const context = readContext({
      request_id: "evil\nline",
      user_id: 5,
      roles: "admin",
      is_admin: "yes",
      project_id: [],
    });
    expect(context).toMatchObject({ requestId: undefined, userId: undefined, roles: [], isAdmin: false });
  });

  test("a relay keeps unknown keys and makes the first request's id the global one", () => {
    const own = "req-01234567-89ab-cdef-0123-456789abcdef";
    expect(relayContext(nova, own)).toEqual({ ...nova, request_id: own, global_request_id: requestId });
    const known = relayContext({ ...nova, global_request_id: own }, own);
    expect(known.global_request_id).toBe(own);
  });

  test("what is notified holds neither token nor catalog (§12)", () => {
    expect(safeContext(nova)).toEqual({
      user_id: "u1",
      project_id: "p1",
      is_admin: false,
      request_id: requestId,
      global_request_id: null,
      roles: ["member", "reader"],
    });
  });
});

describe("trace context", () => {
  const trace = {
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    parentId: "00f067aa0ba902b7",
    sampled: true,
    state: "a=1",
  };

  test("what is written reads back", () => {
    expect(readTraceContext(traceHeaders(trace))).toEqual(trace);
    expect(traceHeaders({ ...trace, state: undefined, sampled: false })).toEqual({
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
    });
  });

  test("a newer version's further fields are passed over", () => {
    expect(readTraceContext({ traceparent: `01-${trace.traceId}-${trace.parentId}-01-more` })?.traceId).toBe(
      trace.traceId,
    );
  });

  test.each([
    undefined,
    5,
    "",
    `ff-${trace.traceId}-${trace.parentId}-01`,
    `00-${trace.traceId}-${trace.parentId}-01-more`,
    `00-${"0".repeat(32)}-${trace.parentId}-01`,
    `00-${trace.traceId}-${"0".repeat(16)}-01`,
    `00-${trace.traceId.toUpperCase()}-${trace.parentId}-01`,
  ])("%j is no trace context", (traceparent) => {
    expect(readTraceContext({ traceparent })).toBeUndefined();
  });
});
