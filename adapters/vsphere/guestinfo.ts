import { isUtf8 } from "node:buffer";
import { gzipSync } from "node:zlib";
import { parse, YAMLError } from "yaml";
import type { PlacedImage } from "#drive/hypervisor.js";
import { fileChunks } from "#image/contents.js";
import { openImageFile } from "#image/input/file.js";
import { openImage } from "#image/open.js";
import { ImageRefusal } from "#image/refusal.js";
import type { ImageEntry, ImageVolume } from "#image/volume.js";

/** The label of a NoCloud drive (cloud-init, "NoCloud"). */
const LABEL = "cidata";
/** Files that have a variable of their own (cloud-init, "VMware", "GuestInfo keys"). */
const VARIABLES = { "user-data": "guestinfo.userdata", "vendor-data": "guestinfo.vendordata" } as const;
const METADATA = "guestinfo.metadata";
const [META_DATA, NETWORK] = ["meta-data", "network-config"];
/** Most characters of one value: a guest's tools read 64 KiB with what stands before it (open-vm-tools, guest_msg_def.h). */
const MOST_CHARACTERS = 65_000;
/** Most bytes of one file, before it is packed: what is larger is not looked at. */
const MOST_BYTES = 1 << 20;

/** Every variable that a drive may be carried by. */
export const GUESTINFO: readonly string[] = [METADATA, ...Object.values(VARIABLES)].flatMap((name) => [
  name,
  `${name}.encoding`,
]);

/** Why a drive cannot be carried by properties. The message is for people, and holds nothing of the drive's content. */
export class NotForGuestinfo extends Error {
  override readonly name = "NotForGuestinfo";
}

/**
 * A NoCloud drive as cloud-init's DataSourceVMware reads it: gzip in base64, one variable for the meta data with the network
 * configuration in it, one each for user and vendor data. @throws NotForGuestinfo
 */
export function guestinfoOf(image: PlacedImage): Readonly<Record<string, string>> {
  using file = openImageFile(image.path);
  const volume = opened(() => openImage(file));
  if (volume.info.label?.toLowerCase() !== LABEL) {
    throw new NotForGuestinfo(`guestinfo carries a drive of the layout nocloud, whose label is ${LABEL}`);
  }
  const texts = new Map(volume.entries.map((entry) => [entry.path, opened(() => textOf(volume, entry))]));
  const values: Record<string, string> = { ...variable(METADATA, metadataOf(texts)) };
  for (const [path, name] of Object.entries(VARIABLES)) {
    const text = texts.get(path) ?? "";
    if (text !== "") Object.assign(values, variable(name, text));
  }
  return values;
}

/** What is read of the image; one that cannot be read is told as what cannot be carried. */
function opened<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ImageRefusal) throw new NotForGuestinfo(error.message, { cause: error });
    throw error;
  }
}

function textOf(volume: ImageVolume, entry: ImageEntry): string {
  const { path, kind, size } = entry;
  const known = path === META_DATA || path === NETWORK || path in VARIABLES;
  if (kind !== "file" || !known) throw new NotForGuestinfo(`guestinfo has no place for ${path}`);
  if (size > MOST_BYTES) throw new NotForGuestinfo(`${path} has ${size} bytes; guestinfo takes ${MOST_BYTES} at most`);
  const bytes = Buffer.concat([...fileChunks(volume, entry)].map((chunk) => Buffer.from(chunk)));
  if (!isUtf8(bytes)) throw new NotForGuestinfo(`${path} is no text in UTF-8, which is all that cloud-init takes here`);
  return bytes.toString("utf8");
}

/** The meta data with the network configuration in it, as JSON, which is YAML too. */
function metadataOf(texts: ReadonlyMap<string, string>): string {
  const metadata = mappingOf(META_DATA, texts.get(META_DATA) ?? "");
  const network = mappingOf(NETWORK, texts.get(NETWORK) ?? "");
  if (Object.keys(network).length === 0) return JSON.stringify(metadata);
  // The file may have all of it below one key; here that key is the metadata's own.
  return JSON.stringify({ ...metadata, network: "network" in network ? network.network : network });
}

function mappingOf(path: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    // What the parser says repeats what it read.
    if (error instanceof YAMLError) throw new NotForGuestinfo(`${path} is no YAML`);
    throw error;
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new NotForGuestinfo(`${path} is no mapping`);
  return Object.fromEntries(Object.entries(value));
}

function variable(name: string, text: string): Record<string, string> {
  const packed = gzipSync(text, { level: 9 }).toString("base64");
  if (packed.length > MOST_CHARACTERS) {
    const most = `a guest reads ${MOST_CHARACTERS} at most`;
    throw new NotForGuestinfo(`${name} would have ${packed.length} characters, packed; ${most}`);
  }
  return { [name]: packed, [`${name}.encoding`]: "gzip+base64" };
}
