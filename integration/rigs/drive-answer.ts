import { z } from "zod";

const attachment = z.object({
  instance_id: z.string(),
  host: z.string(),
  state: z.string(),
  desired_generation: z.int(),
  observed_generation: z.int(),
  device: z.object({ kind: z.string(), bus: z.string(), name: z.string(), reason: z.string() }),
});

const generation = z.object({
  number: z.int(),
  state: z.string(),
  format: z.string(),
  label: z.string(),
  size_bytes: z.int(),
  sha256: z.string(),
});

const answer = z.object({
  drive: z.object({
    id: z.string(),
    state: z.string(),
    pending_generation: z.int(),
    applied_generation: z.int(),
    generations: z.array(generation),
    attachments: z.array(attachment),
  }),
});

/** A drive as both doors tell of it. */
export type DriveAnswer = z.infer<typeof answer>["drive"];

/** Takes the drive out of an answer; throws when the answer has not the contract's shape. */
export function driveOf(result: unknown): DriveAnswer {
  return answer.parse(result).drive;
}

/** The generation that is pending: what the next attach or refresh shows. */
export function pendingOf(drive: DriveAnswer): DriveAnswer["generations"][number] {
  const found = drive.generations.find(({ number }) => number === drive.pending_generation);
  if (found === undefined) throw new Error(`drive ${drive.id} has no generation ${drive.pending_generation}`);
  return found;
}
