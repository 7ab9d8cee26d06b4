import type { Device } from "#drive/drive.js";
import type { DeviceWish, Hypervisor, Observation, PlacedImage, Wait } from "#drive/hypervisor.js";
import { InstanceQueue } from "../instance-queue.js";
import { attach } from "./attach.js";
import { choose } from "./choose.js";
import { detach } from "./detach.js";
import { observe } from "./observe.js";
import { refresh } from "./refresh.js";

/**
 * No hypervisor at all: each instance is a folder below one root, there as long as the instance runs, and a drive that it has
 * is a link in it to the image. For programs that take drives from a folder, and for trying the service without a machine.
 */
export class FileHypervisor implements Hypervisor {
  readonly name = "file";
  /** A link is what it is; these are what it is called where nobody says. */
  readonly devices = [
    { kind: "cdrom", bus: "virtio" },
    { kind: "disk", bus: "virtio" },
  ] as const;
  readonly #root: string;
  readonly #queue = new InstanceQueue();

  constructor(root: string) {
    this.#root = root;
  }

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    return await this.#queue.run(instanceId, wait.signal, () => choose(this.#root, instanceId, image, wish));
  }

  async attach(instanceId: string, image: PlacedImage, _device: Device, wait: Wait): Promise<void> {
    await this.#queue.run(instanceId, wait.signal, () => attach(this.#root, instanceId, image));
  }

  async refresh(instanceId: string, image: PlacedImage, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#queue.run(instanceId, wait.signal, () => refresh(this.#root, instanceId, image));
  }

  async detach(instanceId: string, driveId: string, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#queue.run(instanceId, wait.signal, () => detach(this.#root, instanceId, driveId));
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    return await this.#queue.run(instanceId, wait.signal, () => observe(this.#root, instanceId));
  }

  async close(): Promise<void> {
    await this.#queue.idle();
  }
}
