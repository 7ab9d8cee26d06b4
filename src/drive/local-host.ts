import type { HostPorts, Hosts, HostView } from "./hosts.js";
import type { Hypervisor } from "./hypervisor.js";
import type { ImageStore } from "./image-store.js";
import { type Launcher, launchNotAvailable } from "./launcher.js";
import { Refusal } from "./refusal.js";

/** The one host that the service itself is on: its hypervisor opens the service's own images. */
export class LocalHost implements Hosts {
  readonly apart = false;
  readonly #ports: HostPorts;

  constructor(
    private readonly host: string,
    private readonly hypervisor: Hypervisor,
    images: ImageStore,
    private readonly version: string,
    private readonly now: () => Date,
    private readonly launcher?: Launcher,
  ) {
    this.#ports = { images, hypervisor };
  }

  serves(host: string): boolean {
    return host === this.host;
  }

  require(host: string): void {
    if (this.serves(host)) return;
    throw new Refusal("HOST_UNKNOWN", `host ${host} is not served here; this is ${this.host}`, {
      metadata: { host },
      violations: [{ field: "host", rule: `this service serves ${this.host}` }],
    });
  }

  reachable(): boolean {
    return true;
  }

  at(): HostPorts {
    return this.#ports;
  }

  /** Nobody else is asked: the hypervisor refuses an instance that it does not have. */
  async hostOf(): Promise<string> {
    return this.host;
  }

  launcherAt(): Launcher {
    if (this.launcher === undefined) throw launchNotAvailable(this.host);
    return this.launcher;
  }

  launching(): readonly string[] {
    if (this.launcher === undefined) throw launchNotAvailable(this.host);
    return [this.host];
  }

  view(): readonly HostView[] {
    const { name, devices } = this.hypervisor;
    const { host, version } = this;
    const launches = this.launcher !== undefined;
    return [{ host, state: "PRESENT", hypervisor: { name, devices }, launches, version, seenAt: this.now() }];
  }
}
