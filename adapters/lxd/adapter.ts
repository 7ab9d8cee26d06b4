import type { Device } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, Hypervisor, Observation, PlacedImage, Wait } from "#drive/hypervisor.js";
import { InstanceQueue } from "../instance-queue.js";
import { unlessGone } from "../unless-gone.js";
import { LxdApi } from "./api.js";
import { attach } from "./attach.js";
import { choose } from "./choose.js";
import { Container, type Use } from "./container.js";
import { detach } from "./detach.js";
import { observe } from "./observe.js";
import { mountPath, type Place } from "./place.js";
import { refresh } from "./refresh.js";
import { refusalFrom } from "./refusals.js";
import { Trees } from "./trees.js";

export interface LxdOptions {
  /** The daemon's unix socket. */
  readonly socket: string;
  /** The folder of this host in which drives are laid out as files. */
  readonly trees: string;
  /** The path of a drive in a container, with `{drive_id}` in it where a container may have several. */
  readonly mountPath: string;
  /** Milliseconds for each of LXD's answers. */
  readonly answerMs: number;
}

/** Containers of this host's LXD: each sees a drive as a folder with its files, because no container can mount an image. */
export class LxdHypervisor implements Hypervisor {
  readonly name = "lxd";
  readonly devices: readonly DeviceForm[] = [{ kind: "disk", bus: "virtio" }];
  readonly #api: LxdApi;
  readonly #place: Place;
  readonly #queue = new InstanceQueue();

  constructor(options: LxdOptions) {
    this.#api = new LxdApi(options.socket, options.answerMs);
    const pathFor = (driveId: string) => mountPath(options.mountPath, driveId);
    this.#place = { trees: new Trees(options.trees), pathFor };
  }

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    return await this.#use(instanceId, wait, async (use) => choose(await Container.read(use), image.driveId, wish));
  }

  async attach(instanceId: string, image: PlacedImage, _device: Device, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => attach(await Container.read(use), this.#place, image));
  }

  /** A container that has a file open keeps that file, whoever takes the folder: there is nothing to force. */
  async refresh(instanceId: string, image: PlacedImage, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => refresh(await Container.read(use), this.#place, image));
  }

  async detach(instanceId: string, driveId: string, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => {
      const container = await Container.read(use).catch(unlessGone);
      if (container === undefined) await this.#place.trees.sweep(driveId);
      else await detach(container, this.#place.trees, driveId);
    });
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    return await this.#use(instanceId, wait, async (use) => {
      const container = await Container.read(use).catch(unlessGone);
      return container === undefined ? undefined : observe(container);
    });
  }

  async close(): Promise<void> {
    await this.#queue.idle();
  }

  /** One use of a container at a time: a drive's folders are nobody else's then. */
  async #use<T>(instanceId: string, { signal }: Wait, work: (use: Use) => Promise<T>): Promise<T> {
    const use = { api: this.#api, instanceId, signal };
    return await this.#queue.run(instanceId, signal, async () => {
      try {
        return await work(use);
      } catch (error) {
        throw refusalFrom(error, use);
      }
    });
  }
}
