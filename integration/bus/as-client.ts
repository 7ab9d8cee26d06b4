import { CallTimeout, Undeliverable } from "#bus/client/call-errors.js";
import type { RpcTarget } from "#bus/client/target.js";
import type { RemoteError } from "#bus/wire/remote-error.js";
import type { Meeting } from "./meeting.js";

/** Our client asks a Python server. */
export function describeAsClient(meeting: () => Meeting): void {
  const call = (method: string, args = {}, target: Partial<RpcTarget> = {}, options = {}) => {
    const { ours, target: served } = meeting();
    return ours.client.call({ ...served, server: undefined, ...target }, method, args, options);
  };

  test("a call returns what the method returned, numbers that JSON has no form for included (wire §4, §6)", async () => {
    const value = { text: 'é😀 "q" \\', list: [1, 2.5, null, true], nested: { "": {} }, big: 2n ** 64n };
    expect(await call("echo", { arg: value })).toEqual(value);
    expect(await call("numbers")).toEqual({
      nan: Number.NaN,
      inf: Number.POSITIVE_INFINITY,
      big: 2n ** 63n,
      negative: -(2n ** 70n),
      half: 0.5,
    });
    expect(await call("blob", { size: 1 << 20 })).toHaveLength(1 << 20);
  });

  test("one server, a namespace and a version are reached; a version that is not named is 1.0 (wire §5)", async () => {
    const { target } = meeting();
    expect(await call("echo", { arg: 1 }, { server: target.server })).toBe(1);
    expect(await call("echo", { arg: 2 }, { version: "1.5" })).toBe(2);
    expect(await call("stop", { why: "test" }, { namespace: "control", version: "2.0" })).toBe("stopped: test");
  });

  test("casts and fanouts arrive, each once (wire §3, §5.3)", async () => {
    const { ours, peer, target } = meeting();
    const before = Number(await call("record", { kind: "call" }));
    await ours.client.cast(target, "void", { kind: "cast" }, { mandatory: true });
    await ours.client.fanout(target, "void", { kind: "fanout" });
    const happened = await peer.do("happened", { count: before + 2 });
    expect(
      Object(happened)
        .slice(before)
        .map((entry: { args: object }) => entry.args),
    ).toEqual(expect.arrayContaining([{ kind: "cast" }, { kind: "fanout" }]));
    expect(await call("record", {})).toBe(before + 3);
  });

  test("the context arrives whole (wire §5.1, §13)", async () => {
    const context = { request_id: "req-1", roles: ["a"], is_admin: true, nothing: null, of_the_future: { x: [1] } };
    expect(await call("context", {}, {}, { context })).toMatchObject(context);
  });

  test("what the method raised comes as an error that names it (wire §7)", async () => {
    const failure = async (...args: Parameters<typeof call>): Promise<RemoteError["failure"]> => {
      const error = await call(...args).catch((reason: unknown) => reason);
      return Object(error).failure;
    };
    expect(await failure("fail", { text: "no" })).toMatchObject({
      module: "builtins",
      className: "ValueError",
      message: "no",
    });
    expect(await failure("fail_with_kwargs", { instance_id: "i-1" })).toMatchObject({
      module: "peer_exceptions",
      className: "InstanceNotFound",
      message: "Instance i-1 could not be found.",
      kwargs: { instance_id: "i-1", code: 404 },
    });
    expect(await failure("echo", { nope: 1 })).toMatchObject({ module: "builtins", className: "TypeError" });
    const dispatcher = { module: "oslo_messaging.rpc.dispatcher" };
    expect(await failure("_private")).toMatchObject({ ...dispatcher, className: "NoSuchMethod" });
    expect(await failure("echo", { arg: 1 }, { version: "1.6" })).toMatchObject({
      ...dispatcher,
      className: "UnsupportedVersion",
      message: "Endpoint does not support RPC version 1.6. Attempted method: echo",
    });
  });

  test("a mandatory request that nobody takes is told at once (wire §5.3)", async () => {
    const { ours, target } = meeting();
    const nobody = { ...target, server: "nobody" };
    const mandatory = { mandatory: true, timeoutMs: 10_000 };
    await expect(ours.client.call(nobody, "echo", { arg: 1 }, mandatory)).rejects.toThrow(Undeliverable);
    await expect(ours.client.cast(nobody, "echo", { arg: 1 }, mandatory)).rejects.toThrow(Undeliverable);
    await expect(ours.client.call(nobody, "echo", { arg: 1 }, { timeoutMs: 300 })).rejects.toThrow(CallTimeout);
  });
}
