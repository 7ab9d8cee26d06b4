import type { ImageStore } from "#drive/image-store.js";
import { Refusal } from "#drive/refusal.js";
import { fenceOf } from "../messages/fence.js";
import type { Guard } from "./guard.js";
import type { Handlers } from "./handler.js";
import type { Transfers } from "./transfers.js";

/** Files in one answer to a list, at least; the last drive is always told whole. */
const LISTED = 1000;

/** Which catalog the images of this host belong to. */
export interface Claim {
  /** What is wrong where it is not this one. */
  problem(identity: string): Promise<string | undefined>;
}

export interface ImageHandling {
  readonly images: ImageStore;
  readonly guard: Guard;
  readonly transfers: Transfers;
  readonly claim: Claim;
}

type ImageMethods = "LocateImage" | "PlaceImage" | "RemoveImage" | "RemoveDriveImages" | "ListImages" | "DiscardImage";

/** What services do with the images of this host. */
export function imageHandlers({ images, guard, transfers, claim }: ImageHandling): Pick<Handlers, ImageMethods> {
  return {
    LocateImage: async (request, wait) => {
      const fence = fenceOf(request.fence);
      const { generation, sizeBytes } = request;
      const path = await guard.run(fence, wait, () => images.locate(fence.driveId, generation, Number(sizeBytes)));
      return { path: path ?? "" };
    },
    PlaceImage: async (request, wait) => {
      const fence = fenceOf(request.fence);
      const { generation, transferId, sha256, extents } = request;
      const overtaken = await guard.admit(fence, wait);
      const step = {
        from: Number(request.from),
        to: Number(request.to),
        extents: extents.map(({ offset, data }) => ({ offset: Number(offset), data })),
      };
      const written = await transfers.take(
        transferId,
        Number(request.sizeBytes),
        step,
        (plan, until) => images.place(fence.driveId, generation, plan, until, sha256 || undefined),
        overtaken,
        wait,
      );
      if (written === undefined) return { sha256: "", path: "" };
      const path = await images.locate(fence.driveId, generation, written.sizeBytes);
      return { sha256: written.sha256, path: path ?? "" };
    },
    RemoveImage: async (request, wait) => {
      const fence = fenceOf(request.fence);
      await guard.run(fence, wait, () => images.remove(fence.driveId, request.generation));
      return {};
    },
    RemoveDriveImages: async (request, wait) => {
      const fence = fenceOf(request.fence);
      await guard.run(fence, wait, () => images.removeDrive(fence.driveId));
      return {};
    },
    ListImages: async ({ afterDriveId, catalog }) => {
      // Whoever lists looks for orphans. A service of before 1.1 does not say whose.
      const problem = catalog === "" ? undefined : await claim.problem(catalog);
      if (problem !== undefined) throw new Refusal("STORAGE_FAILED", problem);
      // Also what is on its way, perhaps of a service that was killed: a command about its drive ends that first.
      const byDrive = Map.groupBy(await images.list({ held: true }), ({ driveId }) => driveId);
      const files = [];
      for (const driveId of [...byDrive.keys()].filter((id) => id > afterDriveId).sort()) {
        if (files.length >= LISTED) return { files, nextAfterDriveId: files.at(-1)?.driveId ?? "" };
        for (const { generation = 0, name } of byDrive.get(driveId) ?? []) files.push({ driveId, generation, name });
      }
      return { files, nextAfterDriveId: "" };
    },
    DiscardImage: async (request, wait) => {
      const { driveId, revision } = fenceOf(request.fence);
      const { name } = request;
      await guard.run({ driveId, revision }, wait, () => images.discard({ driveId, generation: undefined, name }));
      return {};
    },
  };
}
