import type { Fence, HostPorts, Hosts, HostView, InstanceFence } from "#drive/hosts.js";
import type { Wait } from "#drive/hypervisor.js";
import type { NewId } from "#drive/ids.js";
import type { Launcher } from "#drive/launcher.js";
import type { AgentLine } from "./agent-line.js";
import type { Agents } from "./agents.js";
import { findHost } from "./find-host.js";
import { RemoteHypervisor } from "./remote-hypervisor.js";
import { RemoteImages } from "./remote-images.js";
import { RemoteLauncher } from "./remote-launcher.js";

/** The hosts where agents are, each reached over the bus. */
export class RemoteHosts implements Hosts {
  readonly apart = true;

  constructor(
    private readonly line: AgentLine,
    private readonly agents: Agents,
    private readonly catalogIdentity: string,
    private readonly newId: NewId,
  ) {}

  /** Every host is: services share all of them. */
  serves(): boolean {
    return true;
  }

  require(host: string): void {
    this.agents.require(host);
  }

  reachable(host: string): boolean {
    return this.agents.stateOf(host) === "PRESENT";
  }

  at(host: string, fence: Fence): HostPorts {
    const hypervisor = this.agents.hypervisorOf(host) ?? { name: "", devices: [] };
    return {
      images: new RemoteImages(this.line, host, fence, this.catalogIdentity, this.newId),
      hypervisor: new RemoteHypervisor(this.line, host, fence, hypervisor),
    };
  }

  async hostOf(instanceId: string, wait: Wait, without: ReadonlySet<string> = new Set()): Promise<string> {
    const asked = this.view().filter(({ host }) => !without.has(host));
    const { agents } = this;
    const later = { early: agents.early, isExpected: (host: string) => agents.isExpected(host) };
    return await findHost(this.line, asked, later, instanceId, wait);
  }

  launcherAt(host: string, fence: InstanceFence): Launcher {
    return new RemoteLauncher(this.line, host, fence);
  }

  launching(): readonly string[] {
    return this.agents.launching();
  }

  view(): readonly HostView[] {
    return this.agents.view();
  }
}
