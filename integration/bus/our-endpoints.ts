import type { Json, JsonObject } from "#bus/json.js";
import type { Endpoint, RpcMethod } from "#bus/server/endpoint.js";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import { sleep } from "#bus/sleep.js";
import { ports } from "./ours.js";

/** What our server serves in the suite; the counterpart of `peers/endpoints.py`. Casts are kept in `casts`. */
export function ourEndpoints(casts: JsonObject[]): Endpoint[] {
  const methods = new Map<string, RpcMethod>([
    ["echo", async ({ arg = null }) => arg],
    ["context", async (_args, { context }) => context],
    ["types", async (args) => Object.fromEntries(Object.entries(args).map(([name, value]) => [name, typed(value)]))],
    ["big", async () => 2n ** 70n],
    [
      "void",
      async (args) => {
        casts.push(args);
        return null;
      },
    ],
    [
      "slow",
      async ({ seconds }, { signal }) => {
        await sleep(ports.clock, Number(seconds) * 1000, signal);
        return "done";
      },
    ],
    [
      "fail",
      async ({ text }) => {
        throw new RpcFailure("ValueError", "builtins", String(text));
      },
    ],
    [
      "fail_with_kwargs",
      async ({ instance_id = null }) => {
        const kwargs = { instance_id, code: 404 };
        throw new RpcFailure("InstanceNotFound", "peer_exceptions", `Instance ${instance_id} could not be found.`, {
          kwargs,
        });
      },
    ],
    [
      "fail_module_not_listed",
      async () => {
        throw new RpcFailure("DiskNotFound", "nova.exception", "No disk at vda.");
      },
    ],
  ]);
  const stop: RpcMethod = async ({ why }) => `stopped: ${why}`;
  return [
    { version: "1.5", methods },
    { namespace: "control", version: "2.1", methods: new Map([["stop", stop]]) },
  ];
}

function typed(value: Json): string {
  return typeof value === "number" || typeof value === "bigint" ? `${typeof value} ${value}` : typeof value;
}
