import type { Device } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, Hypervisor, Observation, PlacedImage, Wait } from "#drive/hypervisor.js";
import { unlessGone } from "../unless-gone.js";
import { attach } from "./attach.js";
import { choose } from "./choose.js";
import { detach, sweep } from "./detach.js";
import { observe } from "./observe.js";
import type { Project } from "./project.js";
import { refresh } from "./refresh.js";
import { Server } from "./server.js";

/** Servers of one project of an OpenStack: a drive is a volume of Cinder's, filled through Glance, attached and detached by nova. */
export class OpenstackHypervisor implements Hypervisor {
  readonly name = "openstack";
  /** nova gives volumes the bus that the server's image asks for. */
  readonly devices: readonly DeviceForm[] = [
    { kind: "disk", bus: "virtio" },
    { kind: "disk", bus: "scsi" },
  ];

  constructor(private readonly project: Project) {}

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    return await this.project.use(instanceId, wait, async (use) => choose(await Server.find(use), image, wish));
  }

  async attach(instanceId: string, image: PlacedImage, _device: Device, wait: Wait): Promise<void> {
    await this.project.use(instanceId, wait, async (use) => attach(await Server.find(use), image));
  }

  /** Whether the guest lets the volume go is the guest's to say: nova has nothing to force it with. */
  async refresh(instanceId: string, image: PlacedImage, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.project.use(instanceId, wait, async (use) => refresh(await Server.find(use), image));
  }

  async detach(instanceId: string, driveId: string, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.project.use(instanceId, wait, async (use) => {
      const server = await Server.find(use).catch(unlessGone);
      if (server === undefined) await sweep(use, driveId);
      else await detach(server, driveId);
    });
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    return await this.project.use(instanceId, wait, async (use) => {
      const server = await Server.find(use).catch(unlessGone);
      return server === undefined ? undefined : await observe(server);
    });
  }

  async close(): Promise<void> {
    await this.project.close();
  }
}
