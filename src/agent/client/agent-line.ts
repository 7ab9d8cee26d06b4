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
import { knownTo } from "./known-to.js";
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
export type Wire = Pick<RpcClient, "call">;

/** Calls agents over the bus, one host at a time. */
export class AgentLine {
  constructor(
    private readonly wire: Wire,
    private readonly agents: Agents,
  ) {}

  /**
   * Calls a method of the host's agent. One that has taken its leave is waited for as long as it is expected back, and what an agent
   * left unanswered that was exchanged meanwhile is asked of the next one: every method may run twice.
   * Refusals: HOST_UNREACHABLE at once where the agent is known to be away, and else when nothing is heard of it; the agent's own;
   * DEADLINE_EXCEEDED, CANCELLED by the signal.
   */
  async call<Method extends AgentMethod>(
    host: string,
    method: Method,
    request: AgentMethods[Method]["request"],
    signal: AbortSignal = new AbortController().signal,
    limitMs = LONG.has(method) ? LONG_MS : QUICK_MS,
  ): Promise<AgentMethods[Method]["response"]> {
    for (;;) {
      await this.agents.returned(host, signal);
      const agent = this.agents.agentOn(host);
      try {
        return await this.#ask(host, method, request, signal, limitMs);
      } catch (error) {
        const exchanged = this.agents.isExpected(host) || this.agents.agentOn(host) !== agent;
        if (isSilence(error) && exchanged && !signal.aborted) continue;
        throw this.#refusal(host, error, signal);
      }
    }
  }

  async #ask<Method extends AgentMethod>(
    host: string,
    method: Method,
    request: AgentMethods[Method]["request"],
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<AgentMethods[Method]["response"]> {
    if (signal.aborted) throw waitEnded(signal);
    const version = this.agents.versionFor(host);
    const descriptor = methodIn(agentProtocol(), method);
    const target = { ...AGENT_TARGET, server: host, version };
    const options = { mandatory: true, monitorSeconds: SILENCE_SECONDS, timeoutMs, signal };
    const result = await this.wire.call(
      target,
      descriptor.busName,
      encodeMessage(descriptor.request, request, knownTo(version)),
      options,
    );
    return answer(descriptor, result);
  }

  #refusal(host: string, error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return waitEnded(signal);
    if (isSilence(error)) {
      this.agents.silent(host);
      return unreachable(host, error.message, error);
    }
    if (error instanceof ClientClosed) return unreachable(host, "the service is stopping", error);
    if (!(error instanceof RemoteError)) return error;
    return refusalIn(error) ?? unreachable(host, `it cannot be spoken to: ${error.exception}: ${error.message}`, error);
  }
}

/** Nobody answered, or nobody was there to ask. */
function isSilence(error: unknown): error is CallTimeout | Undeliverable {
  return error instanceof CallTimeout || error instanceof Undeliverable;
}

/** Asks every agent of a message bus to report at once; nobody waits for it. */
export async function askForReports(wire: Pick<RpcClient, "fanout">, signal: AbortSignal): Promise<void> {
  const { busName } = methodIn(agentProtocol(), "AskForReport");
  await wire.fanout(AGENT_TARGET, busName, {}, { signal, timeoutMs: QUICK_MS });
}

function answer<Response extends object>(descriptor: MethodDescriptor, result: unknown): Response {
  return decodeMessage<Response>(descriptor.response, knownFields(descriptor.response, result));
}
