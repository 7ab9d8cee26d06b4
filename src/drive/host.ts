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
  const { hosts } = deps;
  const host = drive.attachments.map((attachment) => attachment.host).find((name) => !hosts.serves(name)) ?? "";
  const served = hosts.view().map((view) => view.host);
  throw new Refusal("HOST_UNKNOWN", `drive ${drive.id} is attached on host ${host}; this service serves ${served}`, {
    metadata: { host },
  });
}

/** Refuses a host that a request names and that is not known here; empty: it names none. Refusals: those of `Hosts.require`. */
export function requireServed({ hosts }: Deps, named: string): void {
  if (named !== "") hosts.require(named);
}

/** What is done about a drive on a host, by whoever has read or written this revision of it. */
export function hostOf({ hosts }: Deps, host: string, { id, revision }: Pick<Drive, "id" | "revision">): HostPorts {
  return hosts.at(host, { driveId: id, revision });
}
