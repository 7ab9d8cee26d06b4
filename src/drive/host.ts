import type { Dependencies } from "./dependencies.js";
import type { Drive } from "./drive.js";
import { Refusal } from "./refusal.js";

/** Whether every instance that has the drive is on the host that is served here. */
export function isHere({ host }: Pick<Dependencies, "host">, drive: Drive): boolean {
  return drive.attachments.every((attachment) => attachment.host === host);
}

/** Whether what is to be done about the drive's instances can be done here. One that just keeps the drive may be anywhere. */
export function canCarryOut({ host }: Pick<Dependencies, "host">, drive: Drive): boolean {
  return drive.attachments.every((attachment) => attachment.host === host || attachment.state === "ATTACHED");
}

/** The host that a request names, which is the one that is served here. Refusals: HOST_UNKNOWN for another one. */
export function askedHost(deps: Pick<Dependencies, "host">, named: string): string {
  if (named === "" || named === deps.host) return deps.host;
  throw new Refusal("HOST_UNKNOWN", `host ${named} is not served here; this is ${deps.host}`, {
    metadata: { host: named },
    violations: [{ field: "host", rule: `this service serves ${deps.host}` }],
  });
}

/** Refuses with HOST_UNKNOWN what only a service of another host can do. */
export function requireHere(deps: Pick<Dependencies, "host">, drive: Drive): void {
  if (canCarryOut(deps, drive)) return;
  const hosts = new Set(drive.attachments.map(({ host }) => host));
  hosts.delete(deps.host);
  const [host = ""] = hosts;
  throw new Refusal("HOST_UNKNOWN", `drive ${drive.id} is attached on host ${host}; this service serves ${deps.host}`, {
    metadata: { host },
  });
}
