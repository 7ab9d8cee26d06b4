import { type Drive, pendingGeneration } from "./drive.js";

/**
 * The retention policy: which generations a drive keeps, files and specs alike. Those that a guest sees or shall see, the
 * pending one, those being built, and the newest number ever given, so that no number is given twice.
 */
export function keptGenerations(drive: Drive): ReadonlySet<number> {
  const kept = new Set<number>();
  for (const attachment of drive.attachments) {
    kept.add(attachment.desiredGeneration);
    kept.add(attachment.observedGeneration);
  }
  const pending = pendingGeneration(drive);
  if (pending !== undefined) kept.add(pending.number);
  for (const generation of drive.generations) if (generation.state === "BUILDING") kept.add(generation.number);
  kept.add(Math.max(0, ...drive.generations.map((generation) => generation.number)));
  kept.delete(0);
  return kept;
}

/** The drive with only the generations that are kept, and the numbers of those that went. */
export function withoutOldGenerations(drive: Drive): { readonly drive: Drive; readonly gone: readonly number[] } {
  const kept = keptGenerations(drive);
  return {
    drive: { ...drive, generations: drive.generations.filter((generation) => kept.has(generation.number)) },
    gone: drive.generations.map((generation) => generation.number).filter((number) => !kept.has(number)),
  };
}
