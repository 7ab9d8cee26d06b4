import { readFile } from "node:fs/promises";
import { type GenericContainer, Network, type StartedTestContainer } from "testcontainers";
import { z } from "zod";
import { Docker } from "./docker.js";
import { guestImage } from "./guest-image.js";
import { NovaApi, type ServerWish } from "./nova-api.js";
import { NovaGuest } from "./nova-guest.js";
import {
  BRIDGE_CONF,
  BROKER,
  CELL_BROKER,
  imageOf,
  type NovaRelease,
  startCompute,
  startController,
} from "./nova-machines.js";
import { startVolumes, type VolumeAdmin, type VolumeApi } from "./nova-volumes.js";
import { Scope } from "./scope.js";
import { until } from "./wait.js";

/** The guest needs none: it lives in its initramfs. */
const EMPTY_DISK = Buffer.alloc(1 << 20);
const FLAVOR = { id: "rig", name: "rig", ram: 192, vcpus: 1, disk: 1 };

const hostsAnswer = z.object({ hosts: z.array(z.object({ host: z.string(), state: z.string() })).default([]) });

export interface NovaCloudOptions {
  readonly release: NovaRelease;
  /** How many compute hosts: `compute1`, `compute2` … */
  readonly computes: number;
  /** More of a compute host's nova.conf, as oslo.config reads it from the environment: `OS_<GROUP>__<OPTION>`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The same of the controller's. */
  readonly controllerEnvironment?: Readonly<Record<string, string>>;
  /** More of a compute host's, as a file: oslo.config takes an option that may be given several times from the environment letter by letter. */
  readonly config?: string;
  /**
   * Runs our service, and nova with our driver: `[configdrive_bridge]` goes by `environment`. One compute host has the service
   * itself; several have an agent each, and the controller has the service.
   */
  readonly service?: boolean;
  /** More of the service's configuration, wherever it runs. */
  readonly serviceConfig?: string;
  /** Gives the second compute host a cell of its own, with a virtual host, a database and a conductor. */
  readonly cells?: boolean;
  /** Runs Cinder, with drives of the service as its volumes (rigs/nova-volumes.ts). */
  readonly volumes?: boolean;
  /** What else stands there, in the place of what the rig has of its own. */
  readonly surroundings?: CloudSurroundings;
}

/** What a rig has in the place of its own: who vouches for tokens, and what volumes are made of. */
export interface CloudSurroundings {
  /** Changes a machine's plan before it starts. */
  readonly changed: (plan: GenericContainer, machine: "controller" | "compute" | "volumes") => GenericContainer;
  /** Who the rig is there, who makes flavors, images and servers. */
  readonly admin: VolumeAdmin;
}

/** A machine of a rig: a compute host, or the controller. */
export interface ComputeHost {
  readonly name: string;
  readonly container: StartedTestContainer;
}

/**
 * A real OpenStack cloud in containers: RabbitMQ, placement, glance and nova from Debian's packages, libvirt and QEMU (TCG) on
 * each compute host with an instances folder of its own. There is no keystone (a filter believes `USER:PROJECT`) and no network.
 *
 *     await using cloud = await NovaCloud.start({ release: "bookworm", computes: 1 });
 *     const id = await cloud.boot({ name: "one" });
 */
export class NovaCloud implements AsyncDisposable {
  private constructor(
    private readonly scope: Scope,
    readonly controller: StartedTestContainer,
    readonly computes: readonly ComputeHost[],
    readonly api: NovaApi,
    readonly image: string,
    private readonly bootProperties: Readonly<Record<string, string>>,
    private readonly apart: boolean,
    private readonly cinder: VolumeApi | undefined,
  ) {}

  /** The volume API. @throws Error where the cloud was started without `volumes` */
  get volumes(): VolumeApi {
    if (this.cinder === undefined) throw new Error("the cloud has no volumes: start it with `volumes: true`");
    return this.cinder;
  }

  /** Makes the image where it is missing, and starts everything; servers can be booted when this ends. */
  static async start(options: NovaCloudOptions): Promise<NovaCloud> {
    const scope = new Scope();
    try {
      const docker = await scope.own(Docker.start());
      const tag = await imageOf(docker, options.release);
      const network = await scope.own(new Network().start());
      const apart = options.service === true && options.computes > 1;
      const controller = await scope.own(startController(tag, network, options, apart));
      const { changed, admin } = options.surroundings ?? {};
      const volumes = options.volumes
        ? startVolumes(tag, network, (made) => scope.own(made), changed && ((plan) => changed(plan, "volumes")), admin)
        : undefined;
      const names = Array.from({ length: options.computes }, (_, index) => `compute${index + 1}`);
      const starting = names.map(async (name, index) => {
        const broker = options.cells && index > 0 ? CELL_BROKER : BROKER;
        const container = await scope.own(startCompute(tag, network, name, options, apart ? "agent" : "both", broker));
        return { name, container };
      });
      const [computes, cinder] = await Promise.all([Promise.all(starting), volumes]);
      const at = (port: number) => `http://${controller.getHost()}:${controller.getMappedPort(port)}`;
      const api = new NovaApi(at(8774), at(9292), at(8778), admin?.token);
      const bootProperties = await registerGuest(api);
      const image = await api.image("guest", EMPTY_DISK, bootProperties);
      await api.call("POST", "/flavors", { flavor: FLAVOR });
      await until(120_000, `${names.join(", ")} to be up`, async () => (await api.hosts()) === names.length, 200);
      const cloud = new NovaCloud(scope, controller, computes, api, image, bootProperties, apart, cinder);
      if (apart) await until(60_000, "an agent to be on each", async () => cloud.agentsAre("PRESENT", names), 200);
      return cloud;
    } catch (error) {
      await scope[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Asks for a server with the rig's guest, and gives its id at once. */
  async create(wish: ServerWish): Promise<string> {
    return this.api.create({ imageRef: this.image, flavorRef: FLAVOR.id, ...wish });
  }

  /** Boots a server with the rig's guest, and gives its id once nova says that it is active. */
  async boot(wish: ServerWish): Promise<string> {
    const id = await this.create(wish);
    await this.told(this.api.settled(id, "ACTIVE"));
    return id;
  }

  /** The compute host that a server is on. */
  async hostOf(id: string): Promise<ComputeHost> {
    const { "OS-EXT-SRV-ATTR:host": name } = await this.api.show(id);
    const host = this.computes.find((candidate) => candidate.name === name);
    if (host === undefined) throw new Error(`server ${id} is on no host of the rig: ${name}`);
    return host;
  }

  /** Does something to a server, and waits until it is over. */
  async act(id: string, action: object, status: string): Promise<void> {
    await this.api.act(id, action);
    await this.told(this.api.settled(id, status));
  }

  /** The rig's guest as an image with properties of its own, such as `hw_cdrom_bus`. */
  async guestImage(properties: Readonly<Record<string, string>>): Promise<string> {
    return this.api.image("guest", EMPTY_DISK, { ...this.bootProperties, ...properties });
  }

  /** Waits for something; where it fails, the error also has the ends of nova's logs and of the service's. */
  async told<T>(waiting: Promise<T>): Promise<T> {
    try {
      return await waiting;
    } catch (error) {
      const logs = await Promise.all(
        [this.controller, ...this.computes.map(({ container }) => container)].map((container) =>
          container.exec([
            "sh",
            "-c",
            "tail -n 12 /var/log/nova/nova-co*.log /var/log/nova/configdrive.log 2>&1 | cut -c1-500",
          ]),
        ),
      );
      const text = logs.map(({ output }) => output).join("\n");
      throw new Error(`${error instanceof Error ? error.message : error}\n${text}`, { cause: error });
    }
  }

  /** Runs a program on a compute host and gives what it printed. @throws Error where it fails */
  async run(host: ComputeHost, ...command: string[]): Promise<string> {
    const { exitCode, stdout, output } = await host.container.exec(command);
    if (exitCode !== 0) throw new Error(`on ${host.name}, exit ${exitCode} of ${command.join(" ")}: ${output}`);
    return stdout;
  }

  /**
   * Puts lines into `[configdrive_bridge]` of a compute host's nova.conf in the place of those before, and has nova-compute read
   * them as it runs.
   */
  async configure(host: ComputeHost, lines: string): Promise<void> {
    const file = BRIDGE_CONF;
    await this.run(host, "sh", "-c", `printf '[configdrive_bridge]\\n%s\\n' "$0" > ${file}`, lines);
    // What oslo.config says of each option that changes while a program runs.
    const changes = "grep -c 'configdrive_bridge.* changed from' /var/log/nova/nova-compute.log || true";
    const before = await this.run(host, "sh", "-c", changes);
    await this.run(host, "pkill", "-HUP", "-f", "nova-compute nova.cmd.compute");
    await until(20_000, "nova-compute to read its configuration again", async () => {
      return (await this.run(host, "sh", "-c", changes)) !== before;
    });
  }

  /** The machine on which the service runs that a compute host's drives are with. */
  serviceOf(host: ComputeHost): ComputeHost {
    return this.apart ? { name: "controller", container: this.controller } : host;
  }

  /** Asks the service of a compute host with its own command (`configdrive drive …`), and gives the answer. */
  async drive(host: ComputeHost, ...command: string[]): Promise<unknown> {
    const program = "/opt/configdrive/bin/configdrive";
    const all = ["drive", ...command, "--project", "demo", "--json"];
    return JSON.parse(await this.run(this.serviceOf(host), program, ...all));
  }

  /** Whether the service knows the agents of these hosts as PRESENT or AWAY. */
  async agentsAre(state: "PRESENT" | "AWAY", names: readonly string[]): Promise<boolean> {
    const [host] = this.computes;
    if (host === undefined) return false;
    // A service that is only starting refuses.
    const answer = await this.drive(host, "capabilities").catch(() => ({}));
    const { hosts } = hostsAnswer.parse(answer);
    return names.every((name) => hosts.some((known) => known.host === name && known.state === `HOST_STATE_${state}`));
  }

  /** Connects to a server's guest, as soon as it has booted; one that runs here from elsewhere has. */
  async guest(id: string, running = false): Promise<NovaGuest> {
    const { container } = await this.hostOf(id);
    return running ? NovaGuest.open(id, container) : NovaGuest.connect(this.api, id, container);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scope[Symbol.asyncDispose]();
  }
}

/** Gives glance the guest of the suites, a kernel and an initramfs, and says what an image needs to boot them. */
async function registerGuest(api: NovaApi): Promise<Readonly<Record<string, string>>> {
  const { kernel, initramfs, commandLine } = await guestImage();
  const bytes = await readFile(kernel);
  // nova takes the boot signature of a kernel for that of a partition table, and refuses the image at a live migration.
  bytes.fill(0, 510, 512);
  const kernelId = await api.image("kernel", bytes);
  const initramfsId = await api.image("initramfs", await readFile(initramfs));
  return {
    kernel_id: kernelId,
    ramdisk_id: initramfsId,
    os_command_line: `${commandLine} configdrive.channel=ttyS0`,
  };
}
