import type { ImagePlan } from "#image/plan.js";
import { begin } from "./begin.js";
import type { DriveWrite } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import type { WrittenImage } from "./image-store.js";
import type { Begun } from "./mutate.js";
import { asRefusal, Refusal } from "./refusal.js";
import type { Outcome, Running } from "./running.js";

/** An image of so many bytes, all of them in memory, is written so soon that nobody needs to see it being built. */
const SOON_BYTES = 1 << 20;

/** Whether an image is written so soon that no operation has to tell of it. */
export function isSoonWritten({ size, extents }: ImagePlan): boolean {
  return size <= SOON_BYTES && extents.every(({ data }) => data.bytes !== undefined);
}

/**
 * Makes a new drive in one commit: first its image goes to its place, then the catalog knows the drive, READY, and the request,
 * DONE. Nobody knows the drive's id before, so that nothing can come in between. What a service that is killed in between leaves
 * is an image that no drive has, which goes as an orphan, and the request is begun anew.
 * An image that cannot be written is told of by an operation, as it is of any other drive.
 * @param change - the new drive, its one generation BUILDING
 * Refusals: those of the image store; QUOTA_EXCEEDED, REQUEST_ID_REUSED, DRIVE_BUSY, CATALOG_FAILED.
 */
export async function makeDrive(
  deps: Dependencies,
  running: Running,
  begun: Begun,
  change: DriveWrite,
  plan: ImagePlan,
): Promise<Outcome> {
  const began = deps.now().getTime();
  const { drive } = change;
  const [generation] = drive.generations;
  if (generation === undefined) throw new TypeError(`drive ${drive.id} has no generation to build`);
  using _ = deps.images.hold(drive.id);
  let written: WrittenImage;
  try {
    written = await deps.images.place(drive.id, generation.number, plan, { signal: running.stop });
  } catch (error) {
    if (running.stop.aborted) throw error;
    return await begin(deps, running, "populate", begun, { ...change, refusal: asRefusal(error) });
  }
  const ready = { ...generation, ...written, state: "READY" as const };
  const made = { ...drive, generations: [ready], updatedAt: deps.now() };
  const settled = await commit(deps, begun, { ...change, drive: made });
  const { requestId } = begun.request;
  const milliseconds = made.updatedAt.getTime() - began;
  deps.report({
    ...{ operationId: deps.newId(), kind: "populate", driveId: drive.id, requestId, outcome: "done", milliseconds },
  });
  return settled;
}

/** Commits the drive. One that is certainly not committed leaves no image; where nobody knows, the sweep of orphans finds out. */
async function commit(
  { catalog, images }: Pick<Dependencies, "catalog" | "images">,
  { request }: Begun,
  change: DriveWrite,
): Promise<Outcome> {
  const { id } = change.drive;
  try {
    return await catalog.settle({ ...request, driveId: id }, change);
  } catch (error) {
    if (error instanceof Refusal && error.reason !== "CATALOG_FAILED") {
      await images.removeDrive(id).catch(() => undefined);
    }
    throw error;
  }
}
