import { type FileHandle, open } from "node:fs/promises";
import { isNativeError } from "node:util/types";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import type { Use } from "./machine.js";
import { datastorePath, deviceName, imagePath, type ShownImage } from "./names.js";
import { retrieve, retrieveOne } from "./properties.js";
import { runTask } from "./task.js";
import { childOf, element, elementsOf, type Reference, reference, referenceIn, VimFault } from "./vim.js";

/** Which datastore images stand on. */
export interface Place {
  /** The datacenter's inventory path, such as `DC0` or `folder/DC0`. */
  readonly datacenter: string;
  readonly datastore: string;
  /** Makes an id for each upload: a UUID in lower case. */
  readonly newId: () => string;
}

/** A datastore of vCenter as the place of images. */
export class Datastore {
  private constructor(
    private readonly use: Use,
    private readonly place: Place,
    private readonly datacenter: Reference,
  ) {}

  /** Looks the datacenter up. Refuses with HYPERVISOR_FAILED one that vCenter does not have. */
  static async find(use: Use, place: Place): Promise<Datastore> {
    const body = element("inventoryPath", place.datacenter);
    const answer = await use.session.call("FindByInventoryPath", ({ search }) => search, body, use.signal);
    const found = referenceIn(childOf(answer, "returnval"));
    if (found?.type !== "Datacenter") throw failed(use, `vCenter has no datacenter ${place.datacenter}`);
    return new Datastore(use, place, found);
  }

  /** The datastore's name. */
  get name(): string {
    return this.place.datastore;
  }

  /** The same datastore under another signal. */
  until(signal: AbortSignal): Datastore {
    return new Datastore({ ...this.use, signal }, this.place, this.datacenter);
  }

  /**
   * Puts an image there, and says where. Nothing is sent unless the image is whole and has room. Refuses with
   * HYPERVISOR_FAILED, and with STORAGE_FULL.
   */
  async put(image: PlacedImage): Promise<ShownImage> {
    const { session, signal } = this.use;
    await using file = await this.#openImage(image);
    await this.#requireRoom(image.sizeBytes);
    await this.#makeFolder(deviceName(image.driveId));
    const query = new URLSearchParams({ dcPath: this.place.datacenter, dsName: this.name });
    const { driveId, generation } = image;
    const path = imagePath(driveId, generation, this.place.newId());
    const bytes = () => file.createReadStream({ autoClose: false, start: 0, end: image.sizeBytes - 1 });
    await session.upload(`/folder/${path}?${query}`, bytes, image.sizeBytes, signal);
    return { datastore: this.name, path, driveId, generation };
  }

  /** Removes an image; one that is not there is a success. */
  async remove({ path }: ShownImage): Promise<void> {
    await this.#delete(path);
  }

  /** Removes all of a drive's images. */
  async sweep(driveId: string): Promise<void> {
    await this.#delete(deviceName(driveId));
  }

  async #openImage({ path, sizeBytes }: PlacedImage): Promise<FileHandle> {
    const file = await open(path).catch((error: unknown) => {
      throw failed(this.use, `the image cannot be read: ${isNativeError(error) ? error.message : error}`, error);
    });
    const { size } = await file.stat();
    if (size === sizeBytes && size > 0) return file;
    await file.close();
    throw failed(this.use, `the image ${path} has ${size} bytes, not ${sizeBytes}`);
  }

  async #requireRoom(sizeBytes: number): Promise<void> {
    const { session, signal } = this.use;
    const list = (await retrieveOne(session, this.datacenter, ["datastore"], signal)).get("datastore");
    const all = (list === undefined ? [] : elementsOf(list)).flatMap((found) => referenceIn(found) ?? []);
    const paths = ["summary.name", "summary.freeSpace", "summary.accessible"];
    const known = await retrieve(session, all, paths, signal);
    const text = (found: (typeof known)[number], path: string) => found.get(path)?.textContent ?? "";
    const own = known.find((found) => text(found, "summary.name") === this.name);
    if (own === undefined) {
      const names = known.map((found) => text(found, "summary.name")).join(", ");
      throw failed(
        this.use,
        `datacenter ${this.place.datacenter} has no datastore ${this.name}; it has: ${names || "none"}`,
      );
    }
    if (text(own, "summary.accessible") === "false") {
      throw failed(this.use, `datastore ${this.name} is not accessible`);
    }
    const freeIn = (found: (typeof known)[number]) => Number(text(found, "summary.freeSpace"));
    if (freeIn(own) >= sizeBytes) return;
    const others = known.filter((found) => found !== own && freeIn(found) >= sizeBytes);
    const roomy = others.map((found) => `${text(found, "summary.name")} (${freeIn(found)} bytes free)`).join(", ");
    throw new Refusal(
      "STORAGE_FULL",
      `datastore ${this.name} has ${freeIn(own)} bytes free, the image has ${sizeBytes}; ` +
        `would work: room there${roomy === "" ? "" : `, or as [vsphere] datastore: ${roomy}`}`,
      { metadata: metadataOf(this.use) },
    );
  }

  async #makeFolder(path: string): Promise<void> {
    const body =
      element("name", datastorePath(this.name, path)) +
      reference("datacenter", this.datacenter) +
      element("createParentDirectories", true);
    try {
      await this.use.session.call("MakeDirectory", ({ files }) => files, body, this.use.signal);
    } catch (error) {
      if (!(error instanceof VimFault && error.type === "FileAlreadyExists")) throw error;
    }
  }

  async #delete(path: string): Promise<void> {
    const { session, taskMs, signal } = this.use;
    const body = element("name", datastorePath(this.name, path)) + reference("datacenter", this.datacenter);
    try {
      await runTask(session, taskMs, ["DeleteDatastoreFile_Task", ({ files }) => files, body, signal]);
    } catch (error) {
      if (!(error instanceof VimFault && error.type === "FileNotFound")) throw error;
    }
  }
}

function failed(use: Use, message: string, cause?: unknown): Refusal {
  const details = { metadata: metadataOf(use), ...(cause === undefined ? {} : { cause }) };
  return new Refusal("HYPERVISOR_FAILED", message, details);
}

function metadataOf({ instanceId }: Use): Record<string, string> {
  return { hypervisor: "vsphere", instance_id: instanceId };
}
