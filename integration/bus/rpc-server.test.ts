import { jest } from "@jest/globals";
import type { JsonObject } from "#bus/json.js";
import type { Endpoint, RpcMethod } from "#bus/server/endpoint.js";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { until } from "../rigs/wait.js";
import { OsloPeer } from "./oslo-peer.js";
import { debian12 } from "./pythons.js";
import { Served } from "./served.js";

jest.setTimeout(60_000);

let broker: RabbitMq;
let served: Served;
let peer: OsloPeer;
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

/** One request of the Python client; `prepare` is what its own `prepare` takes. */
function request(method: string, args: object = {}, prepare: object = {}, context: object = {}) {
  return { target: { topic: "suite" }, method, args, context, prepare: { timeout: 30, ...prepare } };
}

const call = (...asked: Parameters<typeof request>): Promise<unknown> => peer.do("call", request(...asked));
const failed = (...asked: Parameters<typeof request>) => peer.fails("call", request(...asked));

beforeAll(async () => {
  broker = await RabbitMq.start();
  served = await Served.start(broker.transportUrl, endpoints, {}, { ping: true });
  peer = await OsloPeer.start(debian12, "threading", {
    DEFAULT: { transport_url: broker.transportUrl, control_exchange: "suite" },
  });
}, 120_000);

afterAll(async () => {
  await peer?.[Symbol.asyncDispose]();
  await served?.[Symbol.asyncDispose]();
  await broker?.stop();
}, 60_000);

test("a call returns what the method returns, whatever JSON it is (wire §5, §6)", async () => {
  const value = { a: [1, 2.5, null, true, "hé😀"], big: Number.MAX_SAFE_INTEGER, nested: { "": [] } };
  expect(await call("echo", { value })).toEqual(value);
});

test("the context arrives under its own keys, unknown ones too (wire §5.1)", async () => {
  const context = { request_id: "req-1", is_admin: true, roles: ["a"], of_the_future: { x: 1 } };
  expect(await call("context", {}, {}, context)).toEqual(context);
});

test("a request that names no version is for 1.0; namespace and version are told apart (wire §5.4, §5.5)", async () => {
  expect(await call("request")).toMatchObject({ method: "request", version: "1.0", namespace: null });
  expect(await call("stop", {}, { namespace: "control", version: "2.0" })).toBe("stopped");
  expect(await failed("stop", {}, { version: "1.0" })).toMatchObject({ exc_type: "NoSuchMethod" });
});

test("the call's timeout is known from the message (wire §4)", async () => {
  const { secondsLeft } = Object(await call("request", {}, { timeout: 40 }));
  expect(secondsLeft).toBeGreaterThan(20);
  expect(secondsLeft).toBeLessThanOrEqual(40);
});

test("topic.server and fanout reach this server, and a cast gets no reply (wire §3, §5.3)", async () => {
  expect(await call("echo", { value: "me" }, { server: "host.1" })).toBe("me");
  await peer.do("cast", request("note", { n: 1 }));
  await peer.do("cast", request("note", { n: 2 }, { fanout: true }));
  await until(10_000, "both casts", () => casts.length === 2);
  expect(casts.map(({ n }) => n).sort()).toEqual([1, 2]);
});

test.each([
  [
    "an unknown version",
    ["echo", {}, { version: "1.7" }],
    "UnsupportedVersion",
    "Endpoint does not support RPC version 1.7. Attempted method: echo",
  ],
  [
    "an unknown namespace",
    ["echo", {}, { namespace: "x", version: "1.0" }],
    "UnsupportedVersion",
    "Endpoint does not support RPC version 1.0. Attempted method: echo",
  ],
  ["an unknown method", ["nothere"], "NoSuchMethod", "Endpoint does not support RPC method nothere"],
  ["a private method", ["_private"], "NoSuchMethod", "Endpoint does not support RPC method _private"],
  [
    "nova's exception, whose module this caller does not allow",
    ["fail_nova"],
    "InstanceNotFound",
    "Instance i-1 could not be found.",
  ],
  ["an error that was not meant for the caller", ["crash"], "RuntimeError", "internal error"],
] as const)("%s fails as Python knows it (wire §7)", async (_what, [method, args, prepare], exception, message) => {
  // A builtin is raised as itself, anything else that the caller does not know as a RemoteError.
  const { class: raised, exc_type, value, text } = await failed(method, args, prepare);
  expect([exc_type ?? raised, (value ?? text).split("\n")[0]]).toEqual([exception, message]);
});

test("a builtin exception is raised as itself (wire §7)", async () => {
  const error = await failed("fail_builtin");
  expect(error).toMatchObject({ class: "ValueError", module: "builtins" });
  expect(error.text).toMatch(/^not that one/);
});

test("the ping that operators use is answered (wire §5.5)", async () => {
  expect(await call("oslo_rpc_server_ping", {}, { server: "host.1" })).toBe("pong");
});

test("a monitored call outlives the caller's patience for silence, not its deadline (wire §8)", async () => {
  const [slow, late] = await Promise.all([
    call("sleep", { seconds: 4.2 }, { call_monitor_timeout: 3, timeout: 30 }),
    // Its answer would come after nine seconds, were it waited for.
    failed("sleep", { seconds: 9 }, { call_monitor_timeout: 3, timeout: 4 }),
  ]);
  expect(slow).toBe("slept");
  expect(late).toMatchObject({ class: "MessagingTimeout" });
});
