import type { Dependencies } from "./dependencies.js";
import { shownOn } from "./host-images.js";
import { GONE_REVISION } from "./hosts.js";
import type { StoredFile } from "./image-store.js";

/**
 * Removes files that no drive has: images of drives and generations that are gone, and what cut-off writes left. The files
 * are listed before the catalog is read, and rows come before their files, so a file of work under way is never taken for an
 * orphan. Gives how many were removed.
 */
export async function removeOrphans({ images, catalog }: Pick<Dependencies, "images" | "catalog">): Promise<number> {
  let removed = 0;
  const byDrive = Map.groupBy(await images.list(), (file) => file.driveId);
  for (const [driveId, files] of byDrive) {
    const record = await catalog.find(driveId);
    if (record?.operation !== undefined) continue;
    const kept = new Set(
      record?.drive.generations.filter(({ state }) => state === "READY").map(({ number }) => number),
    );
    for (const file of files) {
      if (file.generation !== undefined && kept.has(file.generation)) continue;
      await images.discard(file);
      removed += 1;
    }
    if (record === undefined) await images.removeDrive(driveId);
  }
  return removed;
}

/** What a sweep of a host found there that no instance sees or shall see: how much was removed, and what the next sweep is to remove. */
export interface HostSweep {
  readonly removed: number;
  /** Names of files, `<drive>/<name>`. */
  readonly suspects: ReadonlySet<string>;
}

/**
 * Removes the copies on a host that no instance there sees or shall see, in the same way. A drive that a call has come to
 * meanwhile is left to that. A copy is brought before anything says so, perhaps by another service, for an attach to choose its
 * device by and for a compute manager to take: that of a drive which there is goes only when the sweep before has met it too.
 * @param suspects - what the sweep before has left
 * Refusals: DRIVE_BUSY, HOST_UNREACHABLE, STORAGE_FAILED.
 */
export async function removeHostOrphans(
  { hosts, catalog }: Pick<Dependencies, "hosts" | "catalog">,
  host: string,
  suspects: ReadonlySet<string>,
): Promise<HostSweep> {
  let removed = 0;
  const left = new Set<string>();
  const nobody = { driveId: "", revision: 0 };
  const files = await hosts.at(host, nobody).images.list();
  for (const [driveId, found] of Map.groupBy(files, (file) => file.driveId)) {
    const record = await catalog.find(driveId);
    if (record?.operation !== undefined) continue;
    const kept = shownOn(host, record?.drive.attachments ?? []);
    const { images } = hosts.at(host, { driveId, revision: record?.drive.revision ?? GONE_REVISION });
    const all = found.filter(({ generation }) => generation === undefined || !kept.has(generation));
    const nameOf = ({ name }: StoredFile) => `${driveId}/${name}`;
    const orphans = all.filter((file) => record === undefined || suspects.has(nameOf(file)));
    for (const file of all) if (!orphans.includes(file)) left.add(nameOf(file));
    for (const file of orphans) await images.discard(file);
    if (kept.size === 0 && orphans.length === all.length) await images.removeDrive(driveId);
    removed += orphans.length;
  }
  return { removed, suspects: left };
}

/** Digests that are looked up at once. */
const batch = 200;

/**
 * Removes content that no spec and no upload names, and what cut-off writes left. What somebody works with is not listed, and
 * what was put since is not discarded. Gives how many were removed.
 */
export async function removeContentOrphans({
  contents,
  catalog,
}: Pick<Dependencies, "contents" | "catalog">): Promise<number> {
  let removed = 0;
  const files = await contents.list();
  for (let at = 0; at < files.length; at += batch) {
    const part = files.slice(at, at + batch);
    const named = await catalog.namedContent(part.flatMap(({ sha256 }) => sha256 ?? []));
    for (const file of part) {
      if (file.sha256 !== undefined && named.has(file.sha256)) continue;
      if (await contents.discard(file)) removed += 1;
    }
  }
  return removed;
}
