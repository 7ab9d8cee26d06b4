import type { Device } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, Hypervisor, Observation, PlacedImage, Wait } from "#drive/hypervisor.js";
import { InstanceQueue } from "../instance-queue.js";
import { unlessGone } from "../unless-gone.js";
import { attach } from "./attach.js";
import { carry, carryNone, chooseProperties, wishesProperties } from "./carry.js";
import { choose } from "./choose.js";
import { Datastore, type Place } from "./datastore.js";
import { detach } from "./detach.js";
import { type Endpoint, Line } from "./endpoint.js";
import { Machine, type Use } from "./machine.js";
import { observe } from "./observe.js";
import { refresh } from "./refresh.js";
import { refusalFrom } from "./refusals.js";
import { type Credentials, Session } from "./session.js";

export interface VsphereOptions extends Endpoint, Credentials, Place {
  /** Milliseconds for each of vCenter's answers. */
  readonly answerMs: number;
  /** Milliseconds for each of its tasks. */
  readonly taskMs: number;
}

/** Virtual machines of a vCenter: an image is uploaded to a datastore, and a CD-ROM shows it; or the machine's properties carry its files. */
export class VsphereHypervisor implements Hypervisor {
  readonly name = "vsphere";
  /** At IDE only machines that are off take one. */
  readonly devices: readonly DeviceForm[] = [
    { kind: "cdrom", bus: "sata" },
    { kind: "cdrom", bus: "ide" },
    { kind: "properties", bus: "guestinfo" },
  ];
  readonly #queue = new InstanceQueue();
  readonly #session: Session;

  constructor(private readonly options: VsphereOptions) {
    this.#session = new Session(new Line(options), options, options.answerMs);
  }

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    return await this.#use(instanceId, wait, async (use) => {
      const machine = await Machine.find(use);
      return await (wishesProperties(wish) ? chooseProperties : choose)(machine, image, wish);
    });
  }

  async attach(instanceId: string, image: PlacedImage, device: Device, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => {
      const machine = await Machine.find(use);
      if (wishesProperties(device)) return await carry(machine, image);
      await attach(machine, await Datastore.find(use, this.options), image, device);
    });
  }

  /** vCenter does not tell whether the guest has mounted a medium, so that there is nothing to force. */
  async refresh(instanceId: string, image: PlacedImage, device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => {
      const machine = await Machine.find(use);
      if (wishesProperties(device)) return await carry(machine, image);
      await refresh(machine, await Datastore.find(use, this.options), image, device);
    });
  }

  async detach(instanceId: string, driveId: string, device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => {
      const machine = await Machine.find(use).catch(unlessGone);
      if (wishesProperties(device)) return machine === undefined ? undefined : await carryNone(machine, driveId);
      const datastore = await Datastore.find(use, this.options);
      if (machine === undefined) await datastore.sweep(driveId);
      else await detach(machine, datastore, driveId);
    });
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    return await this.#use(instanceId, wait, async (use) => {
      const machine = await Machine.find(use).catch(unlessGone);
      return machine === undefined ? undefined : await observe(machine);
    });
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    await this.#session.close();
  }

  /** One use of a machine at a time: vCenter refuses a change of it while another one is under way. */
  async #use<T>(instanceId: string, { signal }: Wait, work: (use: Use) => Promise<T>): Promise<T> {
    const use = { session: this.#session, instanceId, taskMs: this.options.taskMs, signal };
    return await this.#queue.run(instanceId, signal, async () => {
      try {
        return await work(use);
      } catch (error) {
        throw refusalFrom(error, use);
      }
    });
  }
}
