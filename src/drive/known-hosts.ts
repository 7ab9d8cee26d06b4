import type { Fence, HostPorts, Hosts, HostView, InstanceFence } from "./hosts.js";
import type { Wait } from "./hypervisor.js";
import type { Launcher } from "./launcher.js";
import { lostHost, lostLauncher, lostPorts } from "./lost-host.js";
import { Refusal } from "./refusal.js";

/** The hosts, with those that are declared lost: they count as switched off for good, whatever is heard of them. */
export class KnownHosts implements Hosts {
  #lost: ReadonlySet<string> = new Set();

  constructor(private readonly hosts: Hosts) {}

  /** Takes the hosts that are declared lost. */
  take(lost: readonly string[]): void {
    this.#lost = new Set(lost);
  }

  get apart(): boolean {
    return this.hosts.apart;
  }

  serves(host: string): boolean {
    return this.#lost.has(host) || this.hosts.serves(host);
  }

  require(host: string): void {
    if (this.#lost.has(host)) throw lostHost(host);
    this.hosts.require(host);
  }

  reachable(host: string): boolean {
    return this.#lost.has(host) || this.hosts.reachable(host);
  }

  at(host: string, fence: Fence): HostPorts {
    return this.#lost.has(host) ? lostPorts(host) : this.hosts.at(host, fence);
  }

  launcherAt(host: string, fence: InstanceFence): Launcher {
    return this.#lost.has(host) ? lostLauncher(host) : this.hosts.launcherAt(host, fence);
  }

  launching(): readonly string[] {
    const present = this.hosts.launching();
    const left = present.filter((host) => !this.#lost.has(host));
    if (left.length > 0) return left;
    throw new Refusal("LAUNCH_NOT_AVAILABLE", `the hosts that run instances are declared lost: ${present.join(", ")}`);
  }

  async hostOf(instanceId: string, wait: Wait): Promise<string> {
    return await this.hosts.hostOf(instanceId, wait, this.#lost);
  }

  view(): readonly HostView[] {
    const heard = this.hosts.view();
    const told = heard.map((view) => (this.#lost.has(view.host) ? { ...view, state: "LOST" as const } : view));
    const silent = [...this.#lost].filter((host) => !heard.some((view) => view.host === host));
    return [...told, ...silent.map(unheard)].sort((a, b) => (a.host < b.host ? -1 : 1));
  }
}

function unheard(host: string): HostView {
  return { host, state: "LOST", hypervisor: { name: "", devices: [] }, launches: false, version: "" };
}
