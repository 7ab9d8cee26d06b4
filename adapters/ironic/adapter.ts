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
import { attachMedia } from "./media/attach.js";
import { Bay } from "./media/bay.js";
import { chooseMedia, MEDIA_FORM, nodeIn, wishesMedia } from "./media/choose.js";
import { removeMedia } from "./media/detach.js";
import { ImageServer, type ImageServerOptions } from "./media/image-server.js";
import { observeMedia } from "./media/observe.js";
import { refreshMedia } from "./media/refresh.js";
import { Node, type Use } from "./node.js";
import { observe } from "./observe.js";
import { refresh } from "./refresh.js";
import { refusalFrom } from "./refusals.js";

export interface IronicOptions extends Endpoint, Patience, Pick<Use, "rebuild" | "deployMs" | "maxTextBytes"> {
  readonly credentials: Credentials;
  /** Where conductors get virtual media from; unset: none is attached. */
  readonly media?: ImageServerOptions;
}

/**
 * Bare metal: nodes of an Ironic, each with one config drive, which its deploys and rebuilds write onto its disk, and with one CD, which
 * its BMC inserts while an instance runs.
 */
export class IronicHypervisor implements Hypervisor {
  readonly name = "ironic";
  readonly devices: readonly DeviceForm[];
  readonly #queue = new InstanceQueue();
  readonly #api: Api;
  readonly #media: ImageServer | undefined;

  constructor(private readonly options: IronicOptions) {
    this.#api = new Api(new Line(options), options.credentials, options);
    this.#media = options.media && new ImageServer(options.media);
    this.devices = this.#media === undefined ? [FORM] : [MEDIA_FORM, FORM];
  }

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    return await this.#use(instanceId, wait, async (use) => {
      const [node, look] = await Node.findSettled(use);
      if (wishesMedia(use, look, image, wish)) return await chooseMedia(new Bay(node), look, image, wish);
      return choose(use, look, image, wish);
    });
  }

  async attach(instanceId: string, image: PlacedImage, device: Device, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => {
      const [node, look] = await Node.findSettled(use);
      if (isMedia(device)) await attachMedia(new Bay(node), look, image);
      else await attach(node, look, image);
    });
  }

  /** Neither a rebuild nor a BMC asks the guest, so that there is nothing to force. */
  async refresh(instanceId: string, image: PlacedImage, device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => {
      const [node, look] = await Node.findSettled(use);
      if (isMedia(device)) await refreshMedia(new Bay(node), look, image);
      else await refresh(node, look, image);
    });
  }

  /** `force` is no leave to write a node's disk anew: that is `[ironic] rebuild` alone. */
  async detach(instanceId: string, driveId: string, device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#use(instanceId, wait, async (use) => {
      const uuid = nodeIn(device.name);
      if (uuid !== undefined) {
        const known = await Node.known(use, uuid);
        if (known !== undefined) await removeMedia(new Bay(known[0]), known[1], driveId);
        return;
      }
      const found = await Node.findSettled(use).catch(unlessGone);
      if (found !== undefined) await detach(...found, driveId);
    });
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    return await this.#use(instanceId, wait, async (use) => {
      const found = await Node.find(use).catch(unlessGone);
      if (found === undefined) return undefined;
      const [node, look] = found;
      return [...observe(look), ...(await observeMedia(new Bay(node), look))];
    });
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    await this.#media?.close();
    await this.#api.close();
  }

  /** One use of a node at a time: Ironic locks it for each change, and takes two rebuilds at once. */
  async #use<T>(instanceId: string, { signal }: Wait, work: (use: Use) => Promise<T>): Promise<T> {
    const { rebuild, deployMs, maxTextBytes } = this.options;
    const media = this.#media && { media: this.#media };
    const use = { api: this.#api, instanceId, rebuild, deployMs, maxTextBytes, signal, ...media };
    return await this.#queue.run(instanceId, signal, async () => {
      try {
        return await work(use);
      } catch (error) {
        throw refusalFrom(error, use);
      }
    });
  }
}

function isMedia({ name }: Device): boolean {
  return nodeIn(name) !== undefined;
}
