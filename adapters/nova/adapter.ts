import type { Device } from "#drive/drive.js";
import type {
  DeviceForm,
  DeviceWish,
  Hypervisor,
  Observation,
  PlacedImage,
  RenderedFile,
  Wait,
} from "#drive/hypervisor.js";
import { choose } from "./choose.js";
import type { ComputePlugin } from "./compute-plugin.js";
import { observe } from "./observe.js";
import { refusalFrom } from "./refusals.js";
import { render } from "./render.js";

/**
 * The instances of this host's nova-compute, by the plugin in it (nova-plugin/): each gets its own drive on the device that
 * nova gave it, and nova stays the one that holds domains and their files. One action of an instance at a time is what
 * nova-compute itself sees to, by its lock and a claimed task state.
 */
export class NovaHypervisor implements Hypervisor {
  readonly name = "nova";
  /** What nova gives a config drive, by `config_drive_format`, `hw_cdrom_bus` and the machine. */
  readonly devices: readonly DeviceForm[] = [
    { kind: "cdrom", bus: "scsi" },
    { kind: "cdrom", bus: "ide" },
    { kind: "cdrom", bus: "sata" },
    { kind: "disk", bus: "virtio" },
  ];

  constructor(private readonly plugin: ComputePlugin) {}

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    return await this.#told(instanceId, () => choose(this.plugin, instanceId, image, wish, wait));
  }

  async attach(instanceId: string, image: PlacedImage, _device: Device, wait: Wait): Promise<void> {
    await this.#show(instanceId, image, wait);
  }

  /** What the instance shows already is not shown anew: that would claim a task state, and keep the user's actions off. */
  async refresh(instanceId: string, image: PlacedImage, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    const { driveId, generation } = image;
    const seen = (await this.observe(instanceId, wait)) ?? [];
    if (seen.some((shown) => shown.driveId === driveId && shown.generation === generation)) return;
    await this.#show(instanceId, image, wait);
  }

  async detach(instanceId: string, driveId: string, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    const args = { instance_id: instanceId, drive_id: driveId };
    await this.#told(instanceId, () => this.plugin.ask("hide_drive", args, wait));
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    return await this.#told(instanceId, () => observe(this.plugin, instanceId, wait));
  }

  async render(instanceId: string, driveId: string, wait: Wait): Promise<readonly RenderedFile[]> {
    return await this.#told(instanceId, () => render(this.plugin, instanceId, driveId, wait));
  }

  async close(): Promise<void> {
    await this.plugin.close();
  }

  async #show(instanceId: string, { driveId, generation, path, sizeBytes }: PlacedImage, wait: Wait): Promise<void> {
    const image = { drive_id: driveId, generation, path, size_bytes: sizeBytes };
    await this.#told(instanceId, () => this.plugin.ask("show_drive", { instance_id: instanceId, ...image }, wait));
  }

  async #told<T>(instanceId: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw refusalFrom(error, instanceId);
    }
  }
}
