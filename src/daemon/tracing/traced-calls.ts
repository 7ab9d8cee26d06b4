import type { RpcClientSetup } from "#bus/client/rpc-client.js";
import type { Tracer } from "./tracer.js";

/** Records each call over the bus that work in a trace makes, by its topic and method. What it failed with is told by the error's name. */
export function tracedCalls(tracer: Tracer): NonNullable<RpcClientSetup["around"]> {
  return (target, method, run) => {
    const name = `${target.topic}/${method}`;
    const attributes = { "rpc.system.name": "oslo_messaging", "rpc.method": name };
    return tracer.ask({ name, attributes, reasonOf }, run);
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.name : "Error";
}
