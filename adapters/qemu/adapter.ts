import { setTimeout as pause } from "node:timers/promises";
import type { Device } from "#drive/drive.js";
import type { DeviceWish, Hypervisor, Observation, PlacedImage, Wait } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { DEVICES } from "../choice.js";
import { attach } from "./attach.js";
import { choose } from "./choose.js";
import { detach } from "./detach.js";
import { type MonitorOptions, Monitors, type UseKind } from "./monitors.js";
import { observe } from "./observe.js";
import { refresh } from "./refresh.js";
import { isGone, isMonitorLost } from "./refusals.js";
import type { Session } from "./session.js";

const LOOK_AGAIN_MS = 50;

/** Plain QEMU processes, each with a QMP monitor on a unix socket of this host. */
export class QemuHypervisor implements Hypervisor {
  readonly name = "qemu";
  readonly devices = DEVICES;

  constructor(
    private readonly options: MonitorOptions,
    private readonly monitors = new Monitors(options),
  ) {}

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    return this.#use(instanceId, wait, "reads", (session) => choose(session, image, wish));
  }

  async attach(instanceId: string, image: PlacedImage, device: Device, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, "changes", (session) => attach(session, image, device));
  }

  async refresh(instanceId: string, image: PlacedImage, device: Device, force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, "changes", (session) => refresh(session, image, device, force));
  }

  /** A guest that ends while its device is being taken has no device any more: that is looked for once the monitor is lost. */
  async detach(instanceId: string, driveId: string, _device: Device, force: boolean, wait: Wait): Promise<void> {
    try {
      await this.#use(instanceId, wait, "changes", (session) => detach(session, driveId, force));
    } catch (error) {
      if (isGone(error)) return;
      if (!isMonitorLost(error) || !(await this.#hasEnded(instanceId, wait))) throw error;
    }
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    try {
      return await this.#use(instanceId, wait, "reads", observe);
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.monitors[Symbol.asyncDispose]();
  }

  /**
   * Whether QEMU has ended. While it ends its sockets close one after the other, so that the first looks can be lost as well:
   * it is looked at again for `answerMs`.
   */
  async #hasEnded(instanceId: string, wait: Wait): Promise<boolean> {
    const end = performance.now() + this.options.answerMs;
    for (;;) {
      try {
        return (await this.observe(instanceId, wait)) === undefined;
      } catch (error) {
        const unreachable = error instanceof Refusal && error.reason === "HYPERVISOR_UNREACHABLE";
        if (!unreachable || performance.now() >= end) throw error;
        await pause(LOOK_AGAIN_MS);
      }
    }
  }

  async #use<T>(instanceId: string, wait: Wait, kind: UseKind, work: (session: Session) => Promise<T>): Promise<T> {
    return await this.monitors.use(instanceId, wait.signal, kind, work);
  }
}
