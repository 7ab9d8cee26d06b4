import { until } from "../rigs/wait.js";
import type { Meeting } from "./meeting.js";

/** A Python client asks our server. */
export function describeAsServer(meeting: () => Meeting): void {
  const ask = (method: string, args = {}, prepare = {}, context = {}) => ({
    ...{ target: { topic: meeting().ourTopic }, method, args, context },
    prepare: { timeout: 15, ...prepare },
  });
  const call = (...request: Parameters<typeof ask>): Promise<unknown> => meeting().peer.do("call", ask(...request));
  const failed = (...request: Parameters<typeof ask>) => meeting().peer.fails("call", ask(...request));

  test("a call returns what the method returned, and no number is rounded (wire §4, §6)", async () => {
    const arg = { text: 'é😀 "q" \\', list: [1, 2.5, null, true], nested: { "": {} } };
    expect(await call("echo", { arg })).toEqual(arg);
    expect(await call("echo", { arg: "x".repeat(1 << 20) })).toHaveLength(1 << 20);
    expect(await meeting().peer.do("call_with_numbers", { target: { topic: meeting().ourTopic } })).toEqual({
      nan: "number NaN",
      inf: "number Infinity",
      big: "bigint 9223372036854775808",
      negative: "bigint -1180591620717411303424",
      half: "number 0.5",
    });
    expect(await meeting().peer.do("call_for_text", { target: { topic: meeting().ourTopic }, method: "big" })).toBe(
      String(2n ** 70n),
    );
  });

  test("this server, a namespace, a version and the ping are reached (wire §5)", async () => {
    expect(await call("echo", { arg: 1 }, { server: "ours.host-2" })).toBe(1);
    expect(await call("echo", { arg: 2 }, { version: "1.5" })).toBe(2);
    expect(await call("stop", { why: "test" }, { namespace: "control", version: "2.0" })).toBe("stopped: test");
    expect(await call("oslo_rpc_server_ping", {}, { server: "ours.host-2" })).toBe("pong");
  });

  test("casts and fanouts arrive, each once (wire §3, §5.3)", async () => {
    const { casts } = meeting();
    await meeting().peer.do("cast", ask("void", { kind: "cast" }));
    await meeting().peer.do("cast", ask("void", { kind: "fanout" }, { fanout: true }));
    await until(10_000, "two casts", () => casts.length >= 2);
    await call("echo", { arg: "nothing more is under way" });
    expect(casts).toHaveLength(2);
    expect(casts).toEqual(expect.arrayContaining([{ kind: "cast" }, { kind: "fanout" }]));
  });

  test("the context arrives whole (wire §5.1, §13)", async () => {
    const context = { request_id: "req-1", roles: ["a"], is_admin: true, nothing: null, of_the_future: { x: [1] } };
    expect(await call("context", {}, {}, context)).toEqual(context);
  });

  test("an exception of a module that the caller allows is rebuilt with its arguments (wire §7)", async () => {
    const error = await failed("fail_with_kwargs", { instance_id: "i-1" });
    expect(error.bases).toContain("InstanceNotFound");
    expect(error.kwargs).toEqual({ instance_id: "i-1", code: 404 });
    expect(error.args).toEqual(["Instance i-1 could not be found."]);
    expect(error.text).toMatch(/^Instance i-1 could not be found\.\nTraceback \(most recent call last\):\n/);
    expect(await failed("fail", { text: "no" })).toMatchObject({ class: "ValueError", module: "builtins" });
  });

  test("any other is a RemoteError that names it, the server's own included (wire §7)", async () => {
    expect(await failed("fail_module_not_listed")).toMatchObject({
      class: "RemoteError",
      exc_type: "DiskNotFound",
      value: "No disk at vda.",
    });
    expect(await failed("nothere")).toMatchObject({
      exc_type: "NoSuchMethod",
      value: "Endpoint does not support RPC method nothere",
    });
    expect(await failed("echo", { arg: 1 }, { version: "1.6" })).toMatchObject({
      exc_type: "UnsupportedVersion",
      value: "Endpoint does not support RPC version 1.6. Attempted method: echo",
    });
  });

  test("what nobody serves is told to a caller who asks for it (wire §5.3)", async () => {
    expect(await failed("echo", { arg: 1 }, { server: "nobody", at_least_once: true })).toMatchObject({
      class: "MessageUndeliverable",
    });
  });

  test("a Python server serves the same topic beside us: our declarations are the same as its (wire §3)", async () => {
    const { peer, server, ourTopic: topic } = meeting();
    await peer.do("serve", { topic, server: "theirs" });
    expect(await call("echo", { arg: "theirs" }, { server: "theirs" })).toBe("theirs");
    expect(await call("echo", { arg: "ours" }, { server: "ours.host-2" })).toBe("ours");
    expect(server.listening).toBe(true);
  });
}
