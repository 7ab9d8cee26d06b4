import type { JsonObject } from "#bus/json.js";
import type { Endpoint, RpcMethod } from "#bus/server/endpoint.js";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { until } from "../rigs/wait.js";
import { Caller } from "./caller.js";
import { Served } from "./served.js";

let broker: RabbitMq;
let served: Served;
let caller: Caller;
const casts: JsonObject[] = [];

const methods = new Map<string, RpcMethod>([
  ["echo", async (args) => args.value ?? null],
  ["context", async (_args, request) => request.context],
  [
    "request",
    async (_args, { method, version, namespace = null, deadline }) => ({
      method,
      version,
      namespace,
      secondsLeft: deadline === undefined ? null : (deadline.getTime() - Date.now()) / 1000,
    }),
  ],
  [
    "note",
    async (args) => {
      casts.push(args);
      return null;
    },
  ],
  ["sleep", (args, { signal }) => pause(Number(args.seconds) * 1000, signal)],
  [
    "fail_nova",
    async () => {
      const details = { kwargs: { instance_id: "i-1", code: 404 } };
      throw new RpcFailure("InstanceNotFound", "nova.exception", "Instance i-1 could not be found.", details);
    },
  ],
  [
    "fail_builtin",
    async () => {
      throw new RpcFailure("ValueError", "builtins", "not that one");
    },
  ],
  [
    "crash",
    async () => {
      throw new Error("secret: hunter2");
    },
  ],
  ["_private", async () => "never"],
]);
const endpoints: Endpoint[] = [
  { version: "1.4", methods },
  { namespace: "control", version: "2.1", methods: new Map([["stop", async () => "stopped"]]) },
];

function pause(milliseconds: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve("slept"), milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

beforeAll(async () => {
  broker = await RabbitMq.start();
  served = await Served.start(broker.transportUrl, endpoints, {}, { ping: true });
  caller = await Caller.start(broker.transportUrl, "suite", "suite");
}, 120_000);

afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await served?.[Symbol.asyncDispose]();
  await broker?.stop();
}, 60_000);

test("a call returns what the method returns, whatever JSON it is (wire §5, §6)", async () => {
  const value = { a: [1, 2.5, null, true, "hé😀"], big: Number.MAX_SAFE_INTEGER, nested: { "": [] } };
  expect((await caller.send({ method: "echo", args: { value } })).result).toEqual(value);
});

test("the context arrives under its own keys, unknown ones too (wire §5.1)", async () => {
  const context = { request_id: "req-1", is_admin: true, roles: ["a"], of_the_future: { x: 1 } };
  expect((await caller.send({ method: "context", context })).result).toEqual(context);
});

test("a request that names no version is for 1.0; namespace and version are told apart (wire §5.4, §5.5)", async () => {
  expect((await caller.send({ method: "request", timeout: 20 })).result).toMatchObject({
    method: "request",
    version: "1.0",
    namespace: null,
  });
  expect((await caller.send({ method: "stop", namespace: "control", version: "2.0" })).result).toBe("stopped");
  expect((await caller.send({ method: "stop", version: "1.0" })).error?.class).toBe("NoSuchMethod");
});

test("the call's timeout is known from the message (wire §4)", async () => {
  const { result } = await caller.send({ method: "request", timeout: 20 });
  expect(result).toHaveProperty("secondsLeft");
  const left = Number((result as { secondsLeft: number }).secondsLeft);
  expect(left).toBeGreaterThan(15);
  expect(left).toBeLessThanOrEqual(20);
});

test("topic.server and fanout reach this server, and a cast gets no reply (wire §3, §5.3)", async () => {
  expect((await caller.send({ method: "echo", server: "host.1", args: { value: "me" } })).result).toBe("me");
  await caller.send({ kind: "cast", method: "note", args: { n: 1 } });
  await caller.send({ kind: "fanout", method: "note", args: { n: 2 } });
  await until(10_000, "both casts", () => casts.length === 2);
  expect(casts.map(({ n }) => n).sort()).toEqual([1, 2]);
});

test.each([
  [
    "an unknown version",
    { method: "echo", version: "1.7" },
    "UnsupportedVersion",
    "Endpoint does not support RPC version 1.7. Attempted method: echo",
  ],
  [
    "an unknown namespace",
    { method: "echo", namespace: "x", version: "1.0" },
    "UnsupportedVersion",
    "Endpoint does not support RPC version 1.0. Attempted method: echo",
  ],
  ["an unknown method", { method: "nothere" }, "NoSuchMethod", "Endpoint does not support RPC method nothere"],
  ["a private method", { method: "_private" }, "NoSuchMethod", "Endpoint does not support RPC method _private"],
  [
    "nova's exception, whose module this caller does not allow",
    { method: "fail_nova" },
    "InstanceNotFound",
    "Instance i-1 could not be found.",
  ],
  ["an error that was not meant for the caller", { method: "crash" }, "RuntimeError", "internal error"],
])("%s fails as Python knows it (wire §7)", async (_what, request, exception, message) => {
  const { error } = await caller.send(request);
  expect([error?.class, error?.message.split("\n")[0]]).toEqual([exception, message]);
});

test("a builtin exception is raised as itself (wire §7)", async () => {
  const { error } = await caller.send({ method: "fail_builtin" });
  expect(error).toMatchObject({ class: "ValueError", module: "builtins" });
  expect(error?.message).toMatch(/^not that one/);
});

test("the ping that operators use is answered (wire §5.5)", async () => {
  expect((await caller.send({ method: "oslo_rpc_server_ping", server: "host.1" })).result).toBe("pong");
});

test("a monitored call outlives the caller's patience for silence, not its deadline (wire §8)", async () => {
  const [slow, late] = await Promise.all([
    caller.send({ method: "sleep", args: { seconds: 3.2 }, monitor: 2, timeout: 20 }),
    caller.send({ method: "sleep", args: { seconds: 9 }, monitor: 2, timeout: 4 }),
  ]);
  expect(slow.result).toBe("slept");
  expect(late.error?.class).toBe("MessagingTimeout");
  expect(late.seconds).toBeLessThan(5);
});
