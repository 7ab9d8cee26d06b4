import type { Dependencies } from "./dependencies.js";
import type { Drive, Generation } from "./drive.js";
import type { HostImages } from "./hosts.js";
import type { PlacedImage, Wait } from "./hypervisor.js";
import type { WrittenImage } from "./image-store.js";
import { Refusal } from "./refusal.js";
import { render } from "./render.js";

/** What an image is made from, and where it is put: with the service, or on a host. */
type Building = Pick<Dependencies, "catalog" | "contents"> & { readonly images: Pick<HostImages, "place"> };
type Standing = Building & { readonly images: Pick<HostImages, "place" | "locate"> };

/**
 * Writes a generation's image from its spec and puts it in its place. Done again, it gives the same bytes in the same place: any
 * others than those on record are refused (STORAGE_FAILED).
 */
export async function build(
  { catalog, images, contents }: Building,
  driveId: string,
  generation: Generation,
  wait: Wait,
): Promise<WrittenImage> {
  const { number, createdAt, sha256 } = generation;
  const spec = await catalog.spec(driveId, number);
  if (spec === undefined) {
    const changed = await changedMeanwhile(catalog, driveId, number);
    throw changed ?? new Refusal("INTERNAL", `generation ${number} of drive ${driveId} has no spec`);
  }
  return await images.place(driveId, number, render(spec, createdAt, contents), wait, sha256 || undefined);
}

/**
 * The image of a generation that is READY, at its place. One whose file is gone or cut is written again from its spec; bytes
 * that differ from the digest on record are never shown.
 * Refusals: STORAGE_FULL, STORAGE_FAILED, CATALOG_FAILED, DRIVE_NOT_READY.
 */
export async function standingImage(deps: Standing, drive: Drive, number: number, wait: Wait): Promise<PlacedImage> {
  const { sizeBytes, format } = readyGeneration(drive, number);
  const path = await deps.images.locate(drive.id, number, sizeBytes);
  if (path === undefined) return await placedImage(deps, drive, number, wait);
  return { driveId: drive.id, generation: number, path, sizeBytes, format };
}

/** As `standingImage`, of an image that is known not to stand there: it is written without a look, which is a way there and back. */
export async function placedImage(deps: Standing, drive: Drive, number: number, wait: Wait): Promise<PlacedImage> {
  const generation = readyGeneration(drive, number);
  const { sizeBytes, format } = generation;
  try {
    await build(deps, drive.id, generation, wait);
    const path = await deps.images.locate(drive.id, number, sizeBytes);
    if (path !== undefined) return { driveId: drive.id, generation: number, path, sizeBytes, format };
    throw new Refusal("STORAGE_FAILED", `the image of generation ${number} does not stay in its place`);
  } catch (error) {
    if (!(error instanceof Refusal && error.reason === "STORAGE_FAILED")) throw error;
    // Whoever replaced the generation meanwhile has removed its image.
    throw (await changedMeanwhile(deps.catalog, drive.id, number)) ?? error;
  }
}

function readyGeneration(drive: Drive, number: number): Generation {
  const generation = drive.generations.find((candidate) => candidate.number === number);
  if (generation?.state === "READY") return generation;
  throw new Refusal("DRIVE_NOT_READY", `drive ${drive.id} has no generation ${number} that is ready`);
}

/**
 * Why something of a generation is not there that goes with it, where that is because another operation has changed the drive since
 * it was read (DRIVE_BUSY); `undefined` where the drive has the generation still.
 */
export async function changedMeanwhile(
  catalog: Dependencies["catalog"],
  driveId: string,
  number: number,
): Promise<Refusal | undefined> {
  const record = await catalog.find(driveId);
  if (record?.drive.generations.some((generation) => generation.number === number)) return undefined;
  return new Refusal(
    "DRIVE_BUSY",
    `generation ${number} of drive ${driveId} is gone: the drive was changed meanwhile`,
    {
      metadata: { drive_id: driveId },
    },
  );
}
