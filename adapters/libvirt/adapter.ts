import type { Device } from "#drive/drive.js";
import type { DeviceWish, Hypervisor, Observation, PlacedImage, Wait } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { DEVICES } from "../choice.js";
import { InstanceQueue } from "../instance-queue.js";
import { attach } from "./attach.js";
import { sweep } from "./bring.js";
import { choose } from "./choose.js";
import { Connections } from "./connections.js";
import { Descriptions } from "./descriptions.js";
import { detach } from "./detach.js";
import type { Endpoint } from "./dial.js";
import type { Host, Limits } from "./host.js";
import { observe } from "./observe.js";
import { refresh } from "./refresh.js";
import { Session } from "./session.js";
import { UnplugRequests } from "./unplug-requests.js";

export interface LibvirtOptions extends Limits, Endpoint {
  /** The storage pool of the daemon's host that images are uploaded into; unset: it sees them at our own paths. */
  readonly pool?: string;
}

/** Domains of a libvirt daemon, on this host or another one, reached by its own remote protocol. */
export class LibvirtHypervisor implements Hypervisor {
  readonly name = "libvirt";
  readonly devices = DEVICES;
  readonly #queue = new InstanceQueue();
  readonly #requests = new UnplugRequests();
  readonly #descriptions = new Descriptions();
  readonly #connections: Connections;

  constructor(private readonly options: LibvirtOptions) {
    this.#connections = new Connections(options);
  }

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    return await this.#use(instanceId, wait, (session) => choose(session, image, wish));
  }

  async attach(instanceId: string, image: PlacedImage, device: Device, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, (session) => attach(session, this.options.pool, image, device));
  }

  /** libvirt does not tell whether the guest has mounted a medium, so that there is nothing to force. */
  async refresh(instanceId: string, image: PlacedImage, device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, (session) => refresh(session, this.options.pool, image, device));
  }

  /** A guest that ends while its disk is being taken still has it stored: that is taken with a fresh look. */
  async detach(instanceId: string, driveId: string, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    const take = () => this.#use(instanceId, wait, (session) => detach(session, this.options.pool, driveId));
    try {
      await take().catch((error: unknown) => {
        if (isRefusal(error, "INSTANCE_NOT_RUNNING")) return take();
        throw error;
      });
    } catch (error) {
      if (!isRefusal(error, "INSTANCE_NOT_FOUND")) throw error;
      await this.#connect(instanceId, wait, (host) => sweep(host, this.options.pool, driveId, undefined));
    }
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    try {
      return await this.#use(instanceId, wait, observe);
    } catch (error) {
      if (isRefusal(error, "INSTANCE_NOT_FOUND")) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    await this.#connections.close();
  }

  async #use<T>(instanceId: string, wait: Wait, work: (session: Session) => Promise<T>): Promise<T> {
    return await this.#connect(instanceId, wait, async (host) => await work(await Session.open(host)));
  }

  /** One use of a domain at a time: libvirt lets one change of it wait for the other anyway. */
  async #connect<T>(instanceId: string, { signal }: Wait, work: (host: Host) => Promise<T>): Promise<T> {
    const use = {
      instanceId,
      limits: this.options,
      requests: this.#requests,
      descriptions: this.#descriptions,
      signal,
    };
    return await this.#queue.run(instanceId, signal, () => this.#connections.use(use, work));
  }
}

function isRefusal(error: unknown, reason: Refusal["reason"]): boolean {
  return error instanceof Refusal && error.reason === reason;
}
