import type { Dependencies } from "./dependencies.js";
import type { Drive } from "./drive.js";
import type { HostPorts } from "./hosts.js";
import { Refusal } from "./refusal.js";

type Deps = Pick<Dependencies, "hosts">;

/** Whether every instance that has the drive is on a host that is served here. */
export function isHere({ hosts }: Deps, drive: Drive): boolean {
  return drive.attachments.every(({ host }) => hosts.serves(host));
}

/** Whether what is to be done about the drive's instances can be done here. One that just keeps the drive may be anywhere. */
export function canCarryOut({ hosts }: Deps, drive: Drive): boolean {
  return drive.attachments.every(({ host, state }) => state === "ATTACHED" || hosts.serves(host));
}

/** Refuses with HOST_UNKNOWN what only a service of another host can do. */
export function requireHere(deps: Deps, drive: Drive): void {
  if (canCarryOut(deps, drive)) return;
  const host = drive.attachments.map((attachment) => attachment.host).find((name) => !deps.hosts.serves(name)) ?? "";
  throw new Refusal("HOST_UNKNOWN", `drive ${drive.id} is attached on host ${host}; ${served(deps)}`, {
    metadata: { host },
  });
}

/** Refuses with HOST_UNKNOWN a host that a request names and that is not served here; empty: it names none. */
export function requireServed(deps: Deps, named: string): void {
  if (named === "" || deps.hosts.serves(named)) return;
  throw new Refusal("HOST_UNKNOWN", `host ${named} is not served here; ${served(deps)}`, {
    metadata: { host: named },
    violations: [{ field: "host", rule: served(deps) }],
  });
}

/** What is done about a drive on a host, by whoever has read or written this revision of it. */
export function hostOf({ hosts }: Deps, host: string, { id, revision }: Drive): HostPorts {
  return hosts.at(host, { driveId: id, revision });
}

function served({ hosts }: Deps): string {
  const names = hosts.view().map(({ host }) => host);
  return names.length === 0 ? "no host is known yet" : `this service serves ${names.join(", ")}`;
}
