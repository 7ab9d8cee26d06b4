import { errorFor } from "#api/error-for.js";
import type { Endpoint, IncomingRequest, RpcMethod, RpcMethodBody } from "#bus/server/endpoint.js";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import { readContext } from "#bus/wire/context.js";
import { readTraceContext } from "#bus/wire/trace-context.js";
import type { Tracer } from "./tracer.js";

/** The same endpoint, whose methods are traced. @param service what OpenTelemetry calls `rpc.service` */
export function tracedEndpoint(endpoint: Endpoint, service: string, tracer: Tracer | undefined): Endpoint {
  if (tracer === undefined) return endpoint;
  const methods = new Map<string, RpcMethod>();
  for (const [name, method] of endpoint.methods) {
    if (typeof method === "function") methods.set(name, traced(name, service, method, tracer));
    else methods.set(name, { ...method, run: traced(name, service, method.run, tracer) });
  }
  return { ...endpoint, methods };
}

function traced(name: string, service: string, run: RpcMethodBody, tracer: Tracer): RpcMethodBody {
  return (args, request) => {
    const { requestId } = readContext(request.context);
    const attributes = {
      "rpc.system.name": "oslo_messaging",
      "rpc.method": `${service}/${name}`,
      ...(requestId === undefined ? {} : { "openstack.request_id": requestId }),
    };
    const parent = parentOf(request);
    return tracer.trace({ name: `${service}/${name}`, attributes, parent, reasonOf }, () => run(args, request));
  };
}

/** In the message's headers, as our own programs have it; or in the request context, since a Python caller can set no header. */
function parentOf({ trace, context }: IncomingRequest) {
  return trace ?? readTraceContext(context);
}

function reasonOf(error: unknown): string {
  return errorFor(error instanceof RpcFailure ? error.cause : error).reason;
}
