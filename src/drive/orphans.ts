import type { Dependencies } from "./dependencies.js";

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
