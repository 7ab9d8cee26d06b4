import type { Device } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, Hypervisor, Observation, PlacedImage, Wait } from "#drive/hypervisor.js";
import { InstanceQueue } from "../instance-queue.js";
import { unlessGone } from "../unless-gone.js";
import { attach } from "./attach.js";
import { choose } from "./choose.js";
import { detach, sweep } from "./detach.js";
import { observe } from "./observe.js";
import { refresh } from "./refresh.js";
import { refusalFrom } from "./refusals.js";
import { Server } from "./server.js";
import { type Reach, Session, type TokenSource } from "./session.js";
import type { Use } from "./use.js";

export interface OpenstackOptions extends Reach {
  readonly tokens: TokenSource;
  /** The type of the volumes that are made; unset: Cinder's default. */
  readonly volumeType?: string;
  /** Milliseconds for what OpenStack's services do behind their answers. */
  readonly taskMs: number;
}

/** Servers of one project of an OpenStack: a drive is a volume of Cinder's, filled through Glance, attached and detached by nova. */
export class OpenstackHypervisor implements Hypervisor {
  readonly name = "openstack";
  /** nova gives volumes the bus that the server's image asks for. */
  readonly devices: readonly DeviceForm[] = [
    { kind: "disk", bus: "virtio" },
    { kind: "disk", bus: "scsi" },
  ];
  readonly #queue = new InstanceQueue();
  readonly #session: Session;

  constructor(private readonly options: OpenstackOptions) {
    this.#session = new Session(options.tokens, options);
  }

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    return await this.#use(instanceId, wait, async (use) => choose(await Server.find(use), image, wish));
  }

  async attach(instanceId: string, image: PlacedImage, _device: Device, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => attach(await Server.find(use), image));
  }

  /** Whether the guest lets the volume go is the guest's to say: nova has nothing to force it with. */
  async refresh(instanceId: string, image: PlacedImage, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => refresh(await Server.find(use), image));
  }

  async detach(instanceId: string, driveId: string, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => {
      const server = await Server.find(use).catch(unlessGone);
      if (server === undefined) await sweep(use, driveId);
      else await detach(server, driveId);
    });
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    return await this.#use(instanceId, wait, async (use) => {
      const server = await Server.find(use).catch(unlessGone);
      return server === undefined ? undefined : await observe(server);
    });
  }

  async close(): Promise<void> {
    await this.#queue.idle();
  }

  /** One use of a server at a time: nova refuses a change of it while another one is under way. */
  async #use<T>(instanceId: string, { signal }: Wait, work: (use: Use) => Promise<T>): Promise<T> {
    const { volumeType, taskMs } = this.options;
    const type = volumeType === undefined ? {} : { volumeType };
    const use = { session: this.#session, instanceId, taskMs, signal, ...type };
    return await this.#queue.run(instanceId, signal, async () => {
      try {
        return await work(use);
      } catch (error) {
        throw refusalFrom(error, use);
      }
    });
  }
}
