import type { Device } from "#drive/drive.js";
import type { DeviceWish, Hypervisor, PlacedImage, Wait } from "#drive/hypervisor.js";
import { renderedBy } from "#drive/rendered-by.js";
import type { Instruments } from "./instruments.js";

/** A hypervisor whose changes are timed. */
export class MeteredHypervisor implements Hypervisor {
  constructor(
    private readonly inner: Hypervisor,
    private readonly instruments: Instruments,
  ) {}

  get name() {
    return this.inner.name;
  }

  get devices() {
    return this.inner.devices;
  }

  choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait) {
    return this.inner.choose(instanceId, image, wish, wait);
  }

  attach(instanceId: string, image: PlacedImage, device: Device, wait: Wait) {
    return this.#timed("attach", () => this.inner.attach(instanceId, image, device, wait));
  }

  refresh(instanceId: string, image: PlacedImage, device: Device, force: boolean, wait: Wait) {
    return this.#timed("refresh", () => this.inner.refresh(instanceId, image, device, force, wait));
  }

  detach(instanceId: string, driveId: string, device: Device, force: boolean, wait: Wait) {
    return this.#timed("detach", () => this.inner.detach(instanceId, driveId, device, force, wait));
  }

  observe(instanceId: string, wait: Wait) {
    return this.inner.observe(instanceId, wait);
  }

  render(instanceId: string, driveId: string, wait: Wait) {
    return renderedBy(this.inner, instanceId, driveId, wait);
  }

  close() {
    return this.inner.close();
  }

  async #timed(action: string, work: () => Promise<void>): Promise<void> {
    const stop = this.instruments.hypervisorSeconds.startTimer({ adapter: this.inner.name, action });
    try {
      await work();
      stop({ result: "done" });
    } catch (error) {
      stop({ result: "failed" });
      throw error;
    }
  }
}
