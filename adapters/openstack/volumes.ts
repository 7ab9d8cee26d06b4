import { z } from "zod";
import type { PlacedImage } from "#drive/hypervisor.js";
import { type Reason, Refusal } from "#drive/refusal.js";
import type { HeldImage } from "./images.js";
import { BYTES_KEY, DRIVE_KEY, GENERATION_KEY, nameOf } from "./names.js";
import { OpenstackError, unlessNotFound } from "./session.js";
import { type Use, undo } from "./use.js";
import { gibFor, settle, type Volume } from "./volume.js";

/** The microversion that rewrites a volume (Block Storage API, 3.68). */
const REIMAGE = "3.68";

/** What Cinder's words for its users mean; the first that fits (cinder/message/message_field.py). */
const BY_WORDS: readonly { readonly words: RegExp; readonly reason: Reason; readonly remedy: string }[] = [
  {
    words: /no storage could be allocated|no valid (host|backend)/i,
    reason: "STORAGE_FULL",
    remedy: "room in Cinder's storage, or another [openstack] volume_type",
  },
  { words: /format/i, reason: "HYPERVISOR_FAILED", remedy: "content that is no image of another format" },
];
const FAILED: { readonly reason: Reason; readonly remedy?: string } = { reason: "HYPERVISOR_FAILED" };

const made = z.object({ volume: z.object({ id: z.uuid() }) });
const messages = z.object({ messages: z.array(z.object({ user_message: z.string() })) });

/** Makes a volume of an image, and gives it once it is filled. Refuses with HYPERVISOR_FAILED and STORAGE_FULL. */
export async function createVolume(use: Use, image: PlacedImage, held: HeldImage, why: string): Promise<Volume> {
  const { driveId, generation } = image;
  const volume = {
    name: nameOf(driveId),
    description: `Generation ${generation} of drive ${driveId}: ${why}`,
    size: gibFor(held.bytes),
    imageRef: held.id,
    metadata: { [DRIVE_KEY]: driveId, ...holding(generation, held.bytes) },
    ...(use.volumeType === undefined ? {} : { volume_type: use.volumeType }),
  };
  const { id } = made.parse(
    await use.session.call("volume", "POST", "/volumes", use.signal, { body: { volume } }),
  ).volume;
  return await requireAvailable(use, id, "made");
}

/**
 * Writes an image into a volume that nobody has. Where that is not begun, the volume is as it was; an answer from 500 on may come from
 * a proxy and does not say so. Throws OpenstackError for what Cinder does not begin, and refuses with HYPERVISOR_FAILED what it began
 * and did not bring to its end.
 */
export async function rewriteVolume(use: Use, own: Volume, image: PlacedImage, held: HeldImage): Promise<Volume> {
  let begun = false;
  try {
    await describe(use, own.id, 0, held.bytes);
    const body = { "os-reimage": { image_id: held.id, reimage_reserved: false } };
    begun = true;
    await use.session.call("volume", "POST", `/volumes/${own.id}/action`, use.signal, { body, version: REIMAGE });
  } catch (error) {
    if (!begun || (error instanceof OpenstackError && error.status < 500)) {
      await undo(use, (now) => describe(now, own.id, own.generation, own.bytes));
    }
    throw error;
  }
  const written = await requireAvailable(use, own.id, "rewritten");
  await describe(use, own.id, image.generation, held.bytes);
  return { ...written, generation: image.generation, bytes: held.bytes };
}

/** Removes a volume, and waits until it is gone. */
export async function removeVolume(use: Use, id: string): Promise<void> {
  try {
    await use.session.call("volume", "DELETE", `/volumes/${id}`, use.signal);
  } catch (error) {
    return void unlessNotFound(error);
  }
  const left = await settle(use, id);
  if (left !== undefined) throw await failed(use, left, "deleted");
}

async function describe({ session, signal }: Use, id: string, generation: number, bytes: number): Promise<void> {
  const body = { metadata: holding(generation, bytes) };
  await session.call("volume", "POST", `/volumes/${id}/metadata`, signal, { body });
}

async function requireAvailable(use: Use, id: string, what: string): Promise<Volume> {
  const volume = await settle(use, id);
  if (volume?.status === "available") return volume;
  throw await failed(use, volume ?? { id, status: "gone" }, what);
}

/** Why Cinder did not do it, in its own words where it has some for us (Block Storage API, messages, 3.5). */
async function failed(use: Use, { id, status }: Pick<Volume, "id" | "status">, what: string): Promise<Refusal> {
  const path = `/messages?resource_uuid=${id}`;
  const told = await use.session.call("volume", "GET", path, use.signal, { version: "3.5" }).catch(() => undefined);
  const words = messages.safeParse(told).data?.messages.map(({ user_message }) => user_message) ?? [];
  const why = words.length === 0 ? "" : `: ${[...new Set(words)].join("; ")}`;
  const { reason, remedy } = BY_WORDS.find(({ words: known }) => known.test(why)) ?? FAILED;
  const instead = remedy === undefined ? "" : `; would work: ${remedy}`;
  return new Refusal(reason, `volume ${id} could not be ${what}, it is ${status}${why}${instead}`, {
    metadata: { hypervisor: "openstack", instance_id: use.instanceId, volume_id: id },
  });
}

function holding(generation: number, bytes: number): Readonly<Record<string, string>> {
  return { [GENERATION_KEY]: String(generation), [BYTES_KEY]: String(bytes) };
}
