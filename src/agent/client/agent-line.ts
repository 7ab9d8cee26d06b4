import { decodeMessage } from "#api/decode.js";
import type { MethodDescriptor } from "#api/descriptors.js";
import { encodeMessage } from "#api/encode.js";
import { CallTimeout, ClientClosed, Undeliverable } from "#bus/client/call-errors.js";
import type { RpcClient } from "#bus/client/rpc-client.js";
import { RemoteError } from "#bus/wire/remote-error.js";
import { waitEnded } from "#drive/wait.js";
import { refusalIn } from "../failure.js";
import type { AgentMethod, AgentMethods } from "../methods.js";
import { AGENT_TARGET, agentProtocol, methodIn } from "../protocol.js";
import type { Agents } from "./agents.js";
import { knownFields } from "./known-fields.js";
import { unreachable } from "./unreachable.js";

/** A call that takes long is told of by its agent; one that is silent for so many seconds is given up. */
const SILENCE_SECONDS = 6;

/** How long a method may take, in milliseconds: one that only looks, and one that has a guest or a disk to wait for. */
const QUICK_MS = 10_000;
export const LONG_MS = 120_000;

const LONG: ReadonlySet<AgentMethod> = new Set([
  ...(["PlaceImage", "ChooseDevice", "AttachDevice", "RefreshDevice", "DetachDevice", "ObserveInstance"] as const),
  ...(["LaunchInstance", "StopInstance", "DestroyInstance", "ProbeInstance"] as const),
]);

/** What carries requests to agents. */
export type Wire = Pick<RpcClient, "call" | "fanout">;

/** Calls agents over the bus, one host at a time. */
export class AgentLine {
  constructor(
    private readonly wire: Wire,
    private readonly agents: Agents,
  ) {}

  /**
   * Calls a method of the host's agent.
   * Refusals: HOST_UNREACHABLE at once where the agent is known to be away, and else when nothing is heard of it; the agent's own;
   * DEADLINE_EXCEEDED, CANCELLED by the signal.
   */
  async call<Method extends AgentMethod>(
    host: string,
    method: Method,
    request: AgentMethods[Method]["request"],
    signal?: AbortSignal,
    limitMs = LONG.has(method) ? LONG_MS : QUICK_MS,
  ): Promise<AgentMethods[Method]["response"]> {
    const version = this.agents.versionFor(host);
    const descriptor = methodIn(agentProtocol(), method);
    try {
      const target = { ...AGENT_TARGET, server: host, version };
      const options = { mandatory: true, monitorSeconds: SILENCE_SECONDS, timeoutMs: limitMs, signal };
      const result = await this.wire.call(
        target,
        descriptor.busName,
        encodeMessage(descriptor.request, request),
        options,
      );
      return answer(descriptor, result);
    } catch (error) {
      throw this.#refusal(host, error, signal);
    }
  }

  /** Asks every agent to report at once; nobody waits for it. */
  async askForReports(signal: AbortSignal): Promise<void> {
    const { busName } = methodIn(agentProtocol(), "AskForReport");
    await this.wire.fanout(AGENT_TARGET, busName, {}, { signal, timeoutMs: QUICK_MS });
  }

  #refusal(host: string, error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted === true) return waitEnded(signal);
    if (error instanceof CallTimeout || error instanceof Undeliverable) {
      this.agents.silent(host);
      return unreachable(host, error.message, error);
    }
    if (error instanceof ClientClosed) return unreachable(host, "the service is stopping", error);
    if (!(error instanceof RemoteError)) return error;
    return refusalIn(error) ?? unreachable(host, `it cannot be spoken to: ${error.exception}: ${error.message}`, error);
  }
}

function answer<Response extends object>(descriptor: MethodDescriptor, result: unknown): Response {
  return decodeMessage<Response>(descriptor.response, knownFields(descriptor.response, result));
}
