import type { HostView } from "#drive/hosts.js";
import type { Wait } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import type { AgentLine } from "./agent-line.js";

/** Hosts that are asked at once, and how long each may take, in milliseconds. */
const AT_ONCE = 64;
const ANSWER_MS = 5000;

/**
 * The host that has an instance: every agent is asked. One that has it is enough, whoever else is silent, for an instance runs in
 * one place; only while it is moved it is in two. Where none has it, those that are expected back are waited for.
 * @param early other hosts may be there that nothing was heard of yet
 * @param isExpected whether a host that is away will be there again in a moment
 * Refusals: as `Hosts.hostOf`
 */
export async function findHost(
  line: AgentLine,
  hosts: readonly HostView[],
  { early, isExpected }: { readonly early: boolean; readonly isExpected: (host: string) => boolean },
  instanceId: string,
  { signal }: Wait,
): Promise<string> {
  const having: string[] = [];
  const silent: string[] = [];
  const present = hosts.filter(({ state }) => state === "PRESENT").map(({ host }) => host);
  const away = hosts.filter(({ state }) => state !== "PRESENT").map(({ host }) => host);
  const ask = async (host: string) => {
    try {
      const { found } = await line.call(host, "FindInstance", { instanceId }, signal, ANSWER_MS);
      if (found) having.push(host);
    } catch (error) {
      if (signal.aborted || !(error instanceof Refusal)) throw error;
      silent.push(host);
    }
  };
  const askAll = async (asked: readonly string[]) => {
    const next = asked.values();
    const worker = async () => {
      for (const host of next) await ask(host);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };
  await askAll(present);
  if (having.length === 0) await askAll(away.filter(isExpected));
  silent.push(...away.filter((host) => !having.includes(host) && !silent.includes(host)));
  const [host] = having;
  if (host !== undefined && having.length === 1) return host;
  throw notFound(instanceId, having.sort(), silent.sort(), early);
}

function notFound(instanceId: string, having: string[], silent: string[], early: boolean): Refusal {
  const metadata = { instance_id: instanceId };
  if (having.length > 1) {
    const rule = `say which: instance ${instanceId} is on hosts ${having.join(", ")}`;
    return new Refusal("HOST_AMBIGUOUS", rule, { metadata, violations: [{ field: "host", rule }] });
  }
  if (silent.length === 0 && !early) {
    return new Refusal("INSTANCE_NOT_FOUND", `no agent has instance ${instanceId}`, { metadata });
  }
  const others = silent.length === 0 ? "others may not have reported yet" : `${silent.join(", ")} did not answer`;
  return new Refusal(
    "HOST_UNREACHABLE",
    `no agent that answers has instance ${instanceId}; ${others}; name the host if you know it`,
    { metadata: { ...metadata, host: silent[0] ?? "" } },
  );
}
