import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { ImageInput } from "./input/input.js";
import { ImageRefusal } from "./refusal.js";
import type { ImageEntry, ImageVolume } from "./volume.js";

/** Bytes that are read at once. */
export const CHUNK = 256 * 1024;
/** After so many bytes other work of the process gets a turn. */
const TURN = 16 * 1024 * 1024;

/** What takes long says how far it is and can be stopped. */
export interface Reading {
  readonly signal?: AbortSignal;
  /** Told the bytes that were read since it was last told. */
  readonly onBytes?: (bytes: number) => void;
}

/** The bytes of a file in order, at most 256 KiB at a time; each chunk is good until the next. Throws `ImageRefusal`. */
export function* fileChunks(volume: ImageVolume, entry: ImageEntry): Generator<Uint8Array> {
  for (const { offset, length } of volume.ranges(entry)) yield* rangeChunks(volume.input, offset, length, entry.path);
}

/** The bytes of a whole image in order, at most 256 KiB at a time. */
export function imageChunks(input: ImageInput): Generator<Uint8Array> {
  return rangeChunks(input, 0, input.size, "image");
}

function* rangeChunks(input: ImageInput, offset: number, length: number, path: string): Generator<Uint8Array> {
  if (offset + length > input.size)
    throw new ImageRefusal(path, `its bytes lie inside the image of ${input.size} bytes`, offset);
  for (let at = offset; at < offset + length; at += CHUNK) yield input.read(at, Math.min(CHUNK, offset + length - at));
}

/** Passes every chunk to `take`; other work gets a turn every 16 MiB. Throws the signal's reason when it is aborted. */
export async function eachChunk(
  chunks: Iterable<Uint8Array>,
  take: (chunk: Uint8Array) => void,
  { signal, onBytes }: Reading = {},
): Promise<void> {
  let sinceTurn = 0;
  for (const chunk of chunks) {
    signal?.throwIfAborted();
    take(chunk);
    onBytes?.(chunk.length);
    sinceTurn += chunk.length;
    if (sinceTurn < TURN) continue;
    sinceTurn = 0;
    await setImmediate();
  }
}

/** SHA-256 of a file's bytes, lower-case hexadecimal. */
export function fileDigest(volume: ImageVolume, entry: ImageEntry, reading?: Reading): Promise<string> {
  return digest(fileChunks(volume, entry), reading);
}

/** SHA-256 of a whole image, lower-case hexadecimal. */
export function imageDigest(input: ImageInput, reading?: Reading): Promise<string> {
  return digest(imageChunks(input), reading);
}

async function digest(chunks: Iterable<Uint8Array>, reading?: Reading): Promise<string> {
  const hash = createHash("sha256");
  await eachChunk(chunks, (chunk) => hash.update(chunk), reading);
  return hash.digest("hex");
}
