import type { HostPorts } from "./hosts.js";
import type { Launcher } from "./launcher.js";
import { Refusal } from "./refusal.js";

/** An operator has declared the host lost: nothing is done there. */
export function lostHost(host: string): Refusal {
  const rule = "must not be declared lost";
  return new Refusal("HOST_UNKNOWN", `host ${host} is declared lost (DeclareHost)`, {
    metadata: { host },
    violations: [{ field: "host", rule }],
  });
}

/**
 * A host that is gone for good: no instance runs there, so none sees a drive, and what shall be taken is taken. Every operation
 * comes to its end over it, forward or back.
 */
export function lostPorts(host: string): HostPorts {
  const refuse = async () => {
    throw lostHost(host);
  };
  const done = async () => undefined;
  return {
    images: {
      place: refuse,
      // Nobody opens it: no instance runs there.
      locate: async (driveId, generation) => `/${driveId}/${generation}.img`,
      remove: done,
      removeDrive: done,
      list: async () => [],
      discard: done,
    },
    hypervisor: {
      name: "",
      devices: [],
      choose: refuse,
      attach: refuse,
      refresh: refuse,
      detach: done,
      observe: done,
      close: done,
    },
  };
}

/** The same for instances that a service runs: none does, and none is started there. */
export function lostLauncher(host: string): Launcher {
  const refuse = async () => {
    throw lostHost(host);
  };
  const done = async () => undefined;
  return { plan: refuse, launch: refuse, stop: done, destroy: done, runs: async () => false };
}
