import type { Drive, Generation } from "./drive.js";
import type { Spec } from "./spec.js";
import type { WhenAttached } from "./use-cases.js";

/** A drive with nothing in it yet. */
export function newDrive(id: string, projectId: string, deleteOnTermination: boolean, at: Date): Drive {
  return {
    ...{ id, projectId, deleteOnTermination, writable: false, deleting: false, lastInstanceId: "", revision: 0 },
    ...{ generations: [], attachments: [], createdAt: at, updatedAt: at },
  };
}

/** The drive with its next generation to be built, and shown to those who have it where that is the policy. */
export function withNewGeneration(
  drive: Drive,
  { format, label }: Pick<Spec, "format" | "label">,
  whenAttached: WhenAttached,
  at: Date,
): Drive {
  const generation: Generation = {
    ...{ number: newestNumber(drive) + 1, state: "BUILDING", format, label },
    ...{ sizeBytes: 0, sha256: "", createdAt: at, failureReason: "" },
  };
  const attachments =
    whenAttached === "refresh"
      ? drive.attachments.map((attachment) => ({
          ...attachment,
          state: "REFRESHING" as const,
          desiredGeneration: generation.number,
        }))
      : drive.attachments;
  return { ...drive, attachments, generations: [...drive.generations, generation], updatedAt: at };
}

/** The number of the newest generation; 0 where there is none. */
export function newestNumber(drive: Drive): number {
  return Math.max(0, ...drive.generations.map((generation) => generation.number));
}
