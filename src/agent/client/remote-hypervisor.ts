import type { Device } from "#drive/drive.js";
import type { Fence, HostView } from "#drive/hosts.js";
import type {
  DeviceForm,
  DeviceWish,
  Hypervisor,
  Observation,
  PlacedImage,
  RenderedFile,
  Wait,
} from "#drive/hypervisor.js";
import { deviceMessage, deviceOf, wishMessage } from "../messages/device.js";
import { fenceMessage } from "../messages/fence.js";
import { imageNameMessage } from "../messages/image-name.js";
import { renderedOf } from "../messages/rendered.js";
import type { AgentLine } from "./agent-line.js";

/** The hypervisor of another host, as its agent speaks for it. Refuses with HOST_UNREACHABLE beside what the hypervisor refuses. */
export class RemoteHypervisor implements Hypervisor {
  readonly name: string;
  readonly devices: readonly DeviceForm[];

  constructor(
    private readonly line: AgentLine,
    private readonly host: string,
    private readonly fence: Fence,
    { name, devices }: HostView["hypervisor"],
  ) {
    this.name = name;
    this.devices = devices;
  }

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, { signal }: Wait): Promise<Device> {
    const request = { ...this.#about(instanceId), image: imageNameMessage(image), ...wishMessage(wish) };
    return deviceOf((await this.line.call(this.host, "ChooseDevice", request, signal)).device);
  }

  async attach(instanceId: string, image: PlacedImage, device: Device, { signal }: Wait): Promise<void> {
    const what = { image: imageNameMessage(image), device: deviceMessage(device) };
    await this.line.call(this.host, "AttachDevice", { ...this.#about(instanceId), ...what }, signal);
  }

  async refresh(
    instanceId: string,
    image: PlacedImage,
    device: Device,
    force: boolean,
    { signal }: Wait,
  ): Promise<void> {
    const what = { image: imageNameMessage(image), device: deviceMessage(device), force };
    await this.line.call(this.host, "RefreshDevice", { ...this.#about(instanceId), ...what }, signal);
  }

  /** The drive is the fence's. */
  async detach(instanceId: string, _driveId: string, device: Device, force: boolean, { signal }: Wait): Promise<void> {
    const what = { device: deviceMessage(device), force };
    await this.line.call(this.host, "DetachDevice", { ...this.#about(instanceId), ...what }, signal);
  }

  async observe(instanceId: string, { signal }: Wait): Promise<readonly Observation[] | undefined> {
    const { found, drives } = await this.line.call(this.host, "ObserveInstance", this.#about(instanceId), signal);
    return found ? drives : undefined;
  }

  async render(instanceId: string, _driveId: string, { signal }: Wait): Promise<readonly RenderedFile[]> {
    return renderedOf((await this.line.call(this.host, "RenderInstance", this.#about(instanceId), signal)).files);
  }

  /** Nothing is held: the line is shared. */
  async close(): Promise<void> {}

  #about(instanceId: string) {
    return { fence: fenceMessage(this.fence), instanceId };
  }
}
