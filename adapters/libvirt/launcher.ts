import { setTimeout as pause } from "node:timers/promises";
import type { Device } from "#drive/drive.js";
import type { DeviceWish, PlacedImage, Wait } from "#drive/hypervisor.js";
import type { Launchable, Launcher, ShownDrive } from "#drive/launcher.js";
import { Refusal } from "#drive/refusal.js";
import { chooseAtStart } from "../start-choice.js";
import { withoutValues } from "../template-refusal.js";
import { refusalFromSignal } from "../wait-ended.js";
import type { LibvirtOptions } from "./adapter.js";
import { Descriptions } from "./descriptions.js";
import type { Shown } from "./device-xml.js";
import { ownDisk } from "./disks.js";
import { Host } from "./host.js";
import { deviceName, volumeName } from "./names.js";
import { hasCode } from "./refusals.js";
import { type DomainReference, errorCodes, readDomain, writeDomain } from "./remote-program.js";
import { Session } from "./session.js";
import { DomainTemplate } from "./template.js";
import { UnplugRequests } from "./unplug-requests.js";
import { Volumes } from "./volumes.js";
import { XdrWriter } from "./xdr.js";

const LOOK_AGAIN_MS = 200;
const nothing = () => undefined;

/**
 * Transient domains of a libvirt daemon: made and started in one call, and gone from libvirt when they end, so that there is no half
 * of one to undo. A stopped instance is nothing but its row in the catalog.
 */
export class LibvirtLauncher implements Launcher {
  constructor(private readonly options: LibvirtOptions) {}

  async plan(
    instance: Launchable,
    image: Pick<PlacedImage, "driveId" | "format" | "sizeBytes">,
    wish: DeviceWish,
  ): Promise<Device> {
    return chooseAtStart(DomainTemplate.parse(instance).family, image, wish, deviceName(image.driveId));
  }

  async launch(instance: Launchable, drives: readonly ShownDrive[], { signal }: Wait): Promise<void> {
    using host = await this.#connect(instance.id, signal);
    if ((await find(host)) !== undefined) return;
    const template = DomainTemplate.parse(instance);
    for (const drive of drives) template.add(drive, await this.#bring(host, drive.image));
    await create(host, template);
    const description = await (await Session.open(host)).describe("live");
    for (const { image } of drives) {
      if (ownDisk(description, image.driveId)?.drive?.generation === image.generation) continue;
      throw new Refusal(
        "HYPERVISOR_FAILED",
        `instance ${instance.id} runs, and libvirt does not show drive ${image.driveId} in it`,
        {
          metadata: { hypervisor: "libvirt", instance_id: instance.id },
        },
      );
    }
  }

  async stop(instanceId: string, graceMs: number, { signal }: Wait): Promise<void> {
    using host = await this.#connect(instanceId, signal);
    if (graceMs > 0 && (await tell(host, "domainShutdown"))) {
      const until = performance.now() + graceMs;
      while (performance.now() < until && (await find(host)) !== undefined) await aWhile(instanceId, signal);
    }
    while (await tell(host, "domainDestroy")) await aWhile(instanceId, signal);
  }

  async destroy(instanceId: string, wait: Wait): Promise<void> {
    await this.stop(instanceId, 0, wait);
  }

  async runs(instanceId: string, { signal }: Wait): Promise<boolean> {
    using host = await this.#connect(instanceId, signal);
    return (await find(host)) !== undefined;
  }

  async #connect(instanceId: string, signal: AbortSignal): Promise<Host> {
    return await Host.open(this.options, {
      instanceId,
      limits: this.options,
      requests: new UnplugRequests(),
      descriptions: new Descriptions(),
      signal,
    });
  }

  /** Where the daemon opens an image. A volume may be half of an earlier upload, and nobody shows it yet: it is written anew. */
  async #bring(host: Host, image: PlacedImage): Promise<Shown> {
    const { driveId, generation, path } = image;
    const { pool } = this.options;
    if (pool === undefined) return { driveId, generation, path, uploaded: false };
    const volumes = await Volumes.open(host, pool);
    const name = volumeName(driveId, generation);
    if ((await volumes.find(name)) !== undefined) await volumes.delete(name);
    const uploaded = await volumes.upload(name, image);
    return { driveId, generation, path: uploaded.path, uploaded: true };
  }
}

/** libvirt may repeat what it was given, and with it a secret: its message is told without the template's values, and alone. */
async function create(host: Host, template: DomainTemplate): Promise<void> {
  try {
    await host.call("domainCreateXml", new XdrWriter().string(template.xml()).uint(0), readDomain);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { reason, message, metadata } = error;
    throw new Refusal(reason, withoutValues(message, template.values()), { metadata: { ...metadata } });
  }
}

/** The instance's domain, which runs as long as it is there. */
async function find(host: Host): Promise<DomainReference | undefined> {
  const uuid = Buffer.from(host.use.instanceId.replaceAll("-", ""), "hex");
  try {
    return await host.call("domainLookupByUuid", new XdrWriter().fixedOpaque(uuid), readDomain);
  } catch (error) {
    if (hasCode(error, errorCodes.noDomain)) return undefined;
    throw error;
  }
}

/** Tells the domain to end; `false` when there is none. */
async function tell(host: Host, procedure: "domainShutdown" | "domainDestroy"): Promise<boolean> {
  const domain = await find(host);
  if (domain === undefined) return false;
  try {
    await host.call(procedure, writeDomain(new XdrWriter(), domain), nothing);
  } catch (error) {
    // It ended in between; or it is on its way, and the next look tells.
    const isOver = hasCode(error, errorCodes.noDomain) || hasCode(error, errorCodes.operationInvalid);
    if (!isOver) throw error;
  }
  return true;
}

async function aWhile(instanceId: string, signal: AbortSignal): Promise<void> {
  await pause(LOOK_AGAIN_MS, undefined, { signal }).catch(() => {
    throw refusalFromSignal(signal, `stopping instance ${instanceId}`);
  });
}
