import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Wait } from "#drive/hypervisor.js";
import type { ImageStore, StoredFile, WrittenImage } from "#drive/image-store.js";
import { Refusal } from "#drive/refusal.js";
import { openImageFile } from "#image/input/file.js";
import type { ImageInput } from "#image/input/input.js";
import type { ImagePlan } from "#image/plan.js";
import { partialName, writeImage } from "#image/sink/file.js";
import { writeSmallImage } from "#image/sink/small-file.js";
import { below, refusing, unlessMissing, unlessThere } from "./open-below.js";

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/** Who may read what the store holds. The hypervisor must be able to; nobody else should. */
export interface Access {
  /** Permission bits of image files; 0600 unless the hypervisor runs as somebody else. */
  readonly fileMode: number;
  /** Permission bits of folders; 0700 unless the hypervisor runs as somebody else. */
  readonly directoryMode: number;
  /** The group that files and folders are given to; unset: the service's own. */
  readonly groupId?: number;
}

export const ownerOnly: Access = { fileMode: 0o600, directoryMode: 0o700 };

const imageName = /^([1-9][0-9]*)\.img$/;
const driveName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Images below one directory of this host, as `<drive>/<generation>.img`. Everything is opened by its own folder's
 * descriptor (`/proc/self/fd`) and without following links, so that nobody who can write beside us can lead us elsewhere.
 */
export class ImageDirectory implements ImageStore {
  readonly #root: string;
  readonly #access: Access;
  /** How many hold each drive: what stands in its folder is no orphan. */
  readonly #held = new Map<string, number>();

  private constructor(root: string, access: Access) {
    this.#root = root;
    this.#access = access;
  }

  /** Opens a directory, and makes it where it is missing. Refusals: STORAGE_FAILED, STORAGE_FULL. */
  static async open(root: string, access: Access = ownerOnly): Promise<ImageDirectory> {
    return await refusing(`open ${root}`, async () => {
      await mkdir(root, { recursive: true, mode: access.directoryMode });
      await using folder = await open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      await folder.sync();
      return new ImageDirectory(root, access);
    });
  }

  async place(
    driveId: string,
    generation: number,
    plan: ImagePlan,
    wait: Wait,
    expected?: string,
  ): Promise<WrittenImage> {
    using _ = this.hold(driveId);
    return await refusing(`write generation ${generation} of drive ${driveId}`, async () => {
      const { fileMode: mode, directoryMode, groupId } = this.#access;
      requireDriveName(driveId);
      const name = `${generation}.img`;
      const must = expected === undefined ? {} : { sha256: expected };
      const options = { mode, signal: wait.signal, ...must };
      const folderOfDrive = { name: driveId, mode: directoryMode };
      const whole = { directory: this.#root, folder: folderOfDrive, name, partial: partialName(name), groupId };
      const small = await writeSmallImage(plan, whole, options);
      if (small !== undefined) return written(small);
      await using root = await this.#openRoot();
      await using folder = await this.#makeFolder(root, driveId);
      const path = below(folder, name);
      const image = await writeImage(plan, path, options);
      await using file = await open(path, O_RDONLY | O_NOFOLLOW);
      await this.#admit(file, mode);
      // Last: what the others have synced is not waited for again.
      await root.sync();
      return written(image);
    });
  }

  hold(driveId: string): Disposable {
    this.#held.set(driveId, (this.#held.get(driveId) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#held.get(driveId) ?? 1) - 1;
        if (left === 0) this.#held.delete(driveId);
        else this.#held.set(driveId, left);
      },
    };
  }

  /** What is asked for is a path, which the hypervisor opens by itself: names are looked at, and nothing is opened. */
  async locate(driveId: string, generation: number, sizeBytes: number): Promise<string | undefined> {
    requireDriveName(driveId);
    const folder = join(this.#root, driveId);
    const path = join(folder, `${generation}.img`);
    return await refusing(`find generation ${generation} of drive ${driveId}`, async () => {
      if (!(await lstat(this.#root)).isDirectory()) throw misplaced(this.#root);
      const own = await lstat(folder).catch(unlessMissing);
      if (own?.isDirectory() === false) throw misplaced(folder);
      const file = own && (await lstat(path).catch(unlessMissing));
      if (file?.isFile() === false) throw misplaced(path);
      return file?.size === sizeBytes ? path : undefined;
    });
  }

  async read(driveId: string, generation: number): Promise<(ImageInput & Disposable) | undefined> {
    return await this.#within(driveId, `read generation ${generation}`, async (folder) => {
      try {
        return openImageFile(below(folder, `${generation}.img`));
      } catch (error) {
        return unlessMissing(error);
      }
    });
  }

  async remove(driveId: string, generation: number): Promise<void> {
    await this.discard({ driveId, generation, name: `${generation}.img` });
  }

  async removeDrive(driveId: string): Promise<void> {
    for (const name of await this.#names(driveId)) await this.discard({ driveId, generation: undefined, name });
    await refusing(`remove the folder of drive ${driveId}`, async () => {
      await using root = await this.#openRoot();
      await rmdir(below(root, driveId)).catch(unlessMissing);
      await root.sync();
    });
  }

  async list({ held } = { held: false }): Promise<readonly StoredFile[]> {
    const drives = await refusing(`list ${this.#root}`, () => readdir(this.#root, { withFileTypes: true }));
    const files: StoredFile[] = [];
    for (const { name: driveId } of drives.filter((entry) => entry.isDirectory() && driveName.test(entry.name))) {
      if (!held && this.#held.has(driveId)) continue;
      const names = await this.#names(driveId);
      if (names.length === 0) files.push({ driveId, generation: undefined, name: "" });
      for (const name of names) {
        const number = imageName.exec(name)?.[1];
        files.push({ driveId, generation: number === undefined ? undefined : Number(number), name });
      }
    }
    return files;
  }

  async discard({ driveId, name }: StoredFile): Promise<void> {
    if (name === "") return await this.#discardFolder(driveId);
    await this.#within(driveId, `remove ${name}`, async (folder) => {
      await rm(below(folder, name), { force: true });
      await folder.sync();
    });
  }

  /** Removes a folder that is still empty, and that nobody is about to place an image in. */
  async #discardFolder(driveId: string): Promise<void> {
    if (this.#held.has(driveId)) return;
    requireDriveName(driveId);
    await refusing(`remove the folder of drive ${driveId}`, async () => {
      await using root = await this.#openRoot();
      await rmdir(below(root, driveId)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOTEMPTY") unlessMissing(error);
      });
      await root.sync();
    });
  }

  async #names(driveId: string): Promise<readonly string[]> {
    return (await this.#within(driveId, "list the folder", async (folder) => readdir(below(folder, ".")))) ?? [];
  }

  /** Works in a drive's folder; `undefined` when there is none. */
  async #within<T>(driveId: string, what: string, work: (folder: FileHandle) => Promise<T>): Promise<T | undefined> {
    return await refusing(`${what} of drive ${driveId}`, async () => {
      await using root = await this.#openRoot();
      await using folder = await this.#openFolder(root, driveId);
      return folder === undefined ? undefined : await work(folder);
    });
  }

  async #openRoot(): Promise<FileHandle> {
    return await open(this.#root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  }

  async #openFolder(root: FileHandle, driveId: string): Promise<FileHandle | undefined> {
    requireDriveName(driveId);
    return (await open(below(root, driveId), O_RDONLY | O_DIRECTORY | O_NOFOLLOW).catch(unlessMissing)) ?? undefined;
  }

  async #makeFolder(root: FileHandle, driveId: string): Promise<FileHandle> {
    requireDriveName(driveId);
    await mkdir(below(root, driveId), { mode: 0o700 }).catch(unlessThere);
    const folder = await open(below(root, driveId), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    await this.#admit(folder, this.#access.directoryMode);
    return folder;
  }

  async #admit(handle: FileHandle, mode: number): Promise<void> {
    const { groupId } = this.#access;
    const now: Stats = await handle.stat();
    if (groupId !== undefined && now.gid !== groupId) await handle.chown(now.uid, groupId);
    if ((now.mode & 0o7777) !== mode) await handle.chmod(mode);
  }
}

function written({ size, sha256 }: Awaited<ReturnType<typeof writeImage>>): WrittenImage {
  if (sha256 === undefined) throw new Refusal("INTERNAL", "an image was written without its digest");
  return { sizeBytes: size, sha256 };
}

/** Links are not followed, and nothing but folders and files belongs into the store. */
function misplaced(path: string): Refusal {
  return new Refusal("STORAGE_FAILED", `${path} is a link, or something else that has no place there`);
}

function requireDriveName(driveId: string): void {
  if (!driveName.test(driveId)) throw new Refusal("INTERNAL", `${JSON.stringify(driveId)} is not a drive id`);
}
