import { formatMessage } from "#api/messages/image-format.js";
import type { Device } from "#drive/drive.js";
import type { InstanceFence } from "#drive/hosts.js";
import type { DeviceWish, PlacedImage, Wait } from "#drive/hypervisor.js";
import type { Launchable, Launcher, ShownDrive } from "#drive/launcher.js";
import { deviceMessage, deviceOf, wishMessage } from "../messages/device.js";
import { fenceMessage, instanceFenceMessage } from "../messages/fence.js";
import { imageNameMessage } from "../messages/image-name.js";
import { type AgentLine, LONG_MS } from "./agent-line.js";

/**
 * What runs instances on another host, as its agent speaks for it. The instance is the fence's. Refuses with HOST_UNREACHABLE,
 * INSTANCE_BUSY and DRIVE_BUSY beside what a launcher refuses.
 */
export class RemoteLauncher implements Launcher {
  readonly #fence: ReturnType<typeof instanceFenceMessage>;

  constructor(
    private readonly line: AgentLine,
    private readonly host: string,
    fence: InstanceFence,
  ) {
    this.#fence = instanceFenceMessage(fence);
  }

  async plan(
    instance: Launchable,
    { driveId, format, sizeBytes }: Pick<PlacedImage, "driveId" | "format" | "sizeBytes">,
    wish: DeviceWish,
  ): Promise<Device> {
    const image = { driveId, format: formatMessage(format), sizeBytes: BigInt(sizeBytes) };
    const request = {
      instanceId: instance.id,
      launchable: launchableMessage(instance),
      ...image,
      ...wishMessage(wish),
    };
    return deviceOf((await this.line.call(this.host, "PlanInstance", request)).device);
  }

  async launch(instance: Launchable, drives: readonly ShownDrive[], { signal }: Wait): Promise<void> {
    const shown = drives.map(({ revision, image, device, deleteOnTermination }) => ({
      fence: fenceMessage({ driveId: image.driveId, revision }),
      image: imageNameMessage(image),
      device: deviceMessage(device),
      deleteOnTermination,
    }));
    const request = { fence: this.#fence, launchable: launchableMessage(instance), drives: shown };
    await this.line.call(this.host, "LaunchInstance", request, signal);
  }

  async stop(_instanceId: string, graceMs: number, { signal }: Wait): Promise<void> {
    await this.line.call(this.host, "StopInstance", { fence: this.#fence, graceMs }, signal, LONG_MS + graceMs);
  }

  async destroy(_instanceId: string, { signal }: Wait): Promise<void> {
    await this.line.call(this.host, "DestroyInstance", { fence: this.#fence }, signal);
  }

  async runs(_instanceId: string, { signal }: Wait): Promise<boolean> {
    return (await this.line.call(this.host, "ProbeInstance", { fence: this.#fence }, signal)).runs;
  }
}

function launchableMessage({ name, launchIndex, template }: Launchable) {
  return { name, launchIndex, template };
}
