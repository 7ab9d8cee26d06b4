import type { Dependencies } from "./dependencies.js";
import type { Attachment, Drive } from "./drive.js";
import { hostOf } from "./host.js";

type Deps = Pick<Dependencies, "hosts">;

/**
 * Removes the copies of a drive's images that hosts no longer need: all of them where no instance has the drive any more, and
 * those that its instances there no longer see. What cannot be removed now is an orphan there, and goes at a later sweep.
 * @param after - the drive at the end of the operation; `undefined` when it was removed
 * @param also - hosts where a copy may be that was brought before anybody had it there
 */
export async function withdrawImages(
  deps: Deps,
  before: Drive,
  after: Drive | undefined,
  also: readonly string[] = [],
): Promise<void> {
  if (!deps.hosts.apart) return;
  // Newer than any command about the drive, and older than a drive that comes again under its id.
  const now = after ?? { ...before, revision: before.revision + 1, attachments: [] };
  const involved = new Set([...[...before.attachments, ...now.attachments].map(({ host }) => host), ...also]);
  await Promise.allSettled(
    [...involved].map(async (host) => {
      const needed = shownOn(host, now.attachments);
      const { images } = hostOf(deps, host, now);
      if (needed.size === 0) return await images.removeDrive(now.id);
      const old = [...shownOn(host, before.attachments)].filter((number) => !needed.has(number));
      await Promise.all(old.map((number) => images.remove(now.id, number)));
    }),
  );
}

/** The generations that instances on a host see or shall see. */
export function shownOn(host: string, attachments: readonly Attachment[]): ReadonlySet<number> {
  const here = attachments.filter((attachment) => attachment.host === host);
  const shown = new Set(
    here.flatMap(({ desiredGeneration, observedGeneration }) => [desiredGeneration, observedGeneration]),
  );
  shown.delete(0);
  return shown;
}
