import type { ContentReference } from "./content-source.js";
import type { ContentHold } from "./content-store.js";
import type { Dependencies } from "./dependencies.js";
import type { Wait } from "./hypervisor.js";
import { Refusal } from "./refusal.js";
import type { AskedBytes, AskedContent, Content, StoredContent } from "./spec.js";
import { uploadOf } from "./upload.js";
import { waitEnded } from "./wait.js";

type Needed = Pick<Dependencies, "catalog" | "contents" | "sources" | "limits" | "now">;
/** Bytes that are not in the request itself. */
type Elsewhere = Exclude<AskedBytes, Uint8Array>;

/** Whether a request brings all its bytes itself. */
export function isInline(content: AskedContent): content is Content<Uint8Array> {
  return allBytes(content).every((bytes) => bytes instanceof Uint8Array);
}

/**
 * Refuses what is known beforehand not to be had, and moves no byte.
 * Refusals: SOURCE_NOT_ALLOWED, CONTENT_NOT_FOUND.
 */
export async function checkElsewhere(deps: Needed, content: AskedContent, projectId: string): Promise<void> {
  for (const bytes of allBytes(content)) {
    if (bytes instanceof Uint8Array) continue;
    if ("contentId" in bytes) await uploadOf(deps, projectId, bytes.contentId);
    else deps.sources.check(bytes);
  }
}

/**
 * Brings all bytes that are elsewhere into the content store, where `hold` keeps them; the same ones once. What throws leaves
 * nothing that a drive would see.
 * Refusals: those of the sources and of the store; CONTENT_NOT_FOUND, CONTENT_TOO_LARGE.
 */
export async function gather(
  deps: Needed,
  hold: ContentHold,
  content: AskedContent,
  projectId: string,
  stop: AbortSignal,
): Promise<Content> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(deps.limits.fetchMs)]);
  const had = new Map<string, StoredContent>();
  let room = deps.limits.contentBytes;
  for (const bytes of allBytes(content)) if (bytes instanceof Uint8Array) room -= bytes.length;
  const bring = async (bytes: AskedBytes) => {
    if (bytes instanceof Uint8Array) return bytes;
    const key = JSON.stringify("contentId" in bytes ? [bytes.contentId] : [bytes.url, bytes.sha256, bytes.sizeBytes]);
    const stored = had.get(key) ?? (await bringOne(deps, hold, bytes, room, projectId, { signal }));
    had.set(key, stored);
    room -= stored.sizeBytes;
    return stored;
  };
  try {
    if (content.kind === "blob") return { kind: "blob", bytes: await bring(content.bytes) };
    if (content.kind === "config_data") return content;
    const files = [];
    for (const { data, ...file } of content.files) {
      files.push({ ...file, data: data.kind === "content" ? { ...data, bytes: await bring(data.bytes) } : data });
    }
    return { ...content, files };
  } catch (error) {
    throw signal.aborted && !(error instanceof Refusal) ? waitEnded(signal) : error;
  }
}

async function bringOne(
  deps: Needed,
  hold: ContentHold,
  bytes: Elsewhere,
  room: number,
  projectId: string,
  wait: Wait,
): Promise<StoredContent> {
  if ("contentId" in bytes) return await takeUpload(deps, hold, bytes.contentId, projectId);
  return await hold.put(deps.sources.read(bytes satisfies ContentReference, Math.max(0, room), wait), wait);
}

/** Takes an upload into use, which prolongs its life. */
async function takeUpload(
  deps: Needed,
  hold: ContentHold,
  contentId: string,
  projectId: string,
): Promise<StoredContent> {
  const upload = await uploadOf(deps, projectId, contentId);
  if (!(await hold.take(upload.content))) {
    const what = `the bytes of upload ${contentId} are not with this service`;
    throw new Refusal(
      "CONTENT_NOT_FOUND",
      `${what}: another one on the same catalog took them, or they were lost; name it there, or upload it here`,
      { metadata: { content_id: contentId } },
    );
  }
  await deps.catalog.keepUpload({ ...upload, expiresAt: new Date(deps.now().getTime() + deps.limits.uploadMs) });
  return upload.content;
}

function allBytes(content: AskedContent): readonly AskedBytes[] {
  if (content.kind === "blob") return [content.bytes];
  if (content.kind === "config_data") return [];
  return content.files.flatMap(({ data }) => (data.kind === "content" ? [data.bytes] : []));
}
