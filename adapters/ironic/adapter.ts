import type { Device } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, Hypervisor, Observation, PlacedImage, Wait } from "#drive/hypervisor.js";
import { InstanceQueue } from "../instance-queue.js";
import { unlessGone } from "../unless-gone.js";
import { Api, type Patience } from "./api.js";
import { attach } from "./attach.js";
import { choose, FORM } from "./choose.js";
import type { Credentials } from "./credentials.js";
import { detach } from "./detach.js";
import { type Endpoint, Line } from "./line.js";
import { Node, type Use } from "./node.js";
import { observe } from "./observe.js";
import { refresh } from "./refresh.js";
import { refusalFrom } from "./refusals.js";

export interface IronicOptions extends Endpoint, Patience, Pick<Use, "rebuild" | "deployMs" | "maxTextBytes"> {
  readonly credentials: Credentials;
}

/** Bare metal: nodes of an Ironic, each with one config drive, which its deploys and rebuilds write onto its disk. */
export class IronicHypervisor implements Hypervisor {
  readonly name = "ironic";
  readonly devices: readonly DeviceForm[] = [FORM];
  readonly #queue = new InstanceQueue();
  readonly #api: Api;

  constructor(private readonly options: IronicOptions) {
    this.#api = new Api(new Line(options), options.credentials, options);
  }

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    return await this.#use(instanceId, wait, async (use) => {
      const [, look] = await Node.findSettled(use);
      return choose(use, look, image, wish);
    });
  }

  async attach(instanceId: string, image: PlacedImage, _device: Device, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => attach(...(await Node.findSettled(use)), image));
  }

  /** A rebuild does not ask the guest, so that there is nothing to force. */
  async refresh(instanceId: string, image: PlacedImage, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => refresh(...(await Node.findSettled(use)), image));
  }

  /** `force` is no leave to write a node's disk anew: that is `[ironic] rebuild` alone. */
  async detach(instanceId: string, driveId: string, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => {
      const found = await Node.findSettled(use).catch(unlessGone);
      if (found !== undefined) await detach(...found, driveId);
    });
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    return await this.#use(instanceId, wait, async (use) => {
      const found = await Node.find(use).catch(unlessGone);
      return found === undefined ? undefined : observe(found[1]);
    });
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    await this.#api.close();
  }

  /** One use of a node at a time: Ironic locks it for each change, and takes two rebuilds at once. */
  async #use<T>(instanceId: string, { signal }: Wait, work: (use: Use) => Promise<T>): Promise<T> {
    const { rebuild, deployMs, maxTextBytes } = this.options;
    const use = { api: this.#api, instanceId, rebuild, deployMs, maxTextBytes, signal };
    return await this.#queue.run(instanceId, signal, async () => {
      try {
        return await work(use);
      } catch (error) {
        throw refusalFrom(error, use);
      }
    });
  }
}
