import { createReadStream } from "node:fs";
import { Refusal } from "#drive/refusal.js";
import type { Host } from "./host.js";
import { hasCode } from "./refusals.js";
import {
  errorCodes,
  MAX_STREAM_BYTES,
  MAX_STRING_BYTES,
  MAX_VOLUMES,
  type PoolReference,
  readPool,
  readVolume,
  type VolumeReference,
  writePool,
  writeVolume,
} from "./remote-program.js";
import { XdrWriter } from "./xdr.js";
import { escapeXml } from "./xml.js";

const nothing = () => undefined;

/** A storage volume, and where it is on the daemon's host. */
export interface Volume {
  readonly name: string;
  readonly path: string;
}

/** The storage pool of a daemon's host that takes our images (libvirt's formatstorage): a `dir` pool that is active. */
export class Volumes {
  private constructor(
    private readonly host: Host,
    private readonly pool: PoolReference,
  ) {}

  /** Finds the pool. Refuses with HYPERVISOR_FAILED where there is none. */
  static async open(host: Host, pool: string): Promise<Volumes> {
    try {
      return new Volumes(host, await host.call("storagePoolLookupByName", new XdrWriter().string(pool), readPool));
    } catch (error) {
      if (!hasCode(error, errorCodes.noStoragePool)) throw error;
      throw new Refusal("HYPERVISOR_FAILED", `libvirt has no storage pool ${pool} for images ([libvirt_daemon] pool)`, {
        metadata: { hypervisor: "libvirt", instance_id: host.use.instanceId, pool },
        cause: error,
      });
    }
  }

  /** The names of those volumes that begin with a prefix. */
  async named(prefix: string): Promise<string[]> {
    const names = await this.host.call(
      "storagePoolListVolumes",
      writePool(new XdrWriter(), this.pool).int(MAX_VOLUMES),
      (reader) => reader.list(MAX_VOLUMES, (inner) => inner.string(MAX_STRING_BYTES)),
    );
    return names.filter((name) => name.startsWith(prefix));
  }

  /** A volume by its name; `undefined` when there is none. */
  async find(name: string): Promise<Volume | undefined> {
    const volume = await this.#lookUp(name);
    return volume && { name, path: await this.#path(volume) };
  }

  /** Makes a volume of an image's size and sends the image into it. What fails half-way leaves no volume. */
  async upload(name: string, image: { readonly path: string; readonly sizeBytes: number }): Promise<Volume> {
    const { path, sizeBytes } = image;
    const xml = [
      `<volume><name>${escapeXml(name)}</name><capacity unit="bytes">${sizeBytes}</capacity>`,
      `<target><format type="raw"/><permissions><mode>0600</mode></permissions></target></volume>`,
    ].join("");
    const bytes = createReadStream(path, { highWaterMark: MAX_STREAM_BYTES, end: sizeBytes - 1 });
    try {
      await opened(bytes, this.host.use.instanceId);
      const args = writePool(new XdrWriter(), this.pool).string(xml).uint(0);
      const volume = await this.host.call("storageVolCreateXml", args, readVolume);
      try {
        const upload = writeVolume(new XdrWriter(), volume).uhyper(0).uhyper(sizeBytes).uint(0);
        await this.host.send("storageVolUpload", upload, counted(bytes, image));
        return { name, path: await this.#path(volume) };
      } catch (error) {
        const { answerMs } = this.host.use.limits;
        const undoing = new Volumes(this.host.until(AbortSignal.timeout(answerMs)), this.pool);
        // What stays is found by the next upload, or by the next sweep.
        await undoing.delete(name).catch(nothing);
        throw error;
      }
    } finally {
      bytes.destroy();
    }
  }

  /** Removes a volume; one that is not there is a success. */
  async delete(name: string): Promise<void> {
    const volume = await this.#lookUp(name);
    if (volume === undefined) return;
    try {
      await this.host.call("storageVolDelete", writeVolume(new XdrWriter(), volume).uint(0), nothing);
    } catch (error) {
      if (!hasCode(error, errorCodes.noStorageVol)) throw error;
    }
  }

  async #lookUp(name: string): Promise<VolumeReference | undefined> {
    try {
      const args = writePool(new XdrWriter(), this.pool).string(name);
      return await this.host.call("storageVolLookupByName", args, readVolume);
    } catch (error) {
      if (hasCode(error, errorCodes.noStorageVol)) return undefined;
      throw error;
    }
  }

  async #path(volume: VolumeReference): Promise<string> {
    return await this.host.call("storageVolGetPath", writeVolume(new XdrWriter(), volume), (reader) =>
      reader.string(MAX_STRING_BYTES),
    );
  }
}

/** Waits for a file to open, before anything is asked of libvirt. */
async function opened(bytes: ReturnType<typeof createReadStream>, instanceId: string): Promise<void> {
  try {
    await new Promise((resolve, reject) => bytes.once("open", resolve).once("error", reject));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("HYPERVISOR_FAILED", `the image for instance ${instanceId} cannot be read: ${why}`, {
      metadata: { hypervisor: "libvirt", instance_id: instanceId },
      cause: error,
    });
  }
}

/** The pieces of an image; refuses one that ends too early, since libvirt would take it as it is. */
async function* counted(
  bytes: AsyncIterable<Buffer>,
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const piece of bytes) {
    sent += piece.length;
    yield piece;
  }
  if (sent === sizeBytes) return;
  throw new Refusal("HYPERVISOR_FAILED", `the image ${path} has ${sent} bytes, not ${sizeBytes}`, {
    metadata: { hypervisor: "libvirt" },
  });
}
