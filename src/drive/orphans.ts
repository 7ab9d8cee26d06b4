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
