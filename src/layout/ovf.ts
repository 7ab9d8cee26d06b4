import { z } from "zod";
import { fromBytes } from "#image/tree.js";
import { check } from "./check.js";
import { bytes, line, notAmong, text } from "./document.js";
import type { LaidOut } from "./result.js";

/** The label that cloudbase-init looks for by default; the specification prescribes none (DSP0243, 11.2). */
export const OVF_LABEL = "OVF ENV";

/** ds-identify reads a CD-ROM with this label only when its image is smaller than 10 MiB (cloud-init, tools/ds-identify). */
const MAX_IMAGE_BYTES = 10 * 1024 * 1024 - 1;

/** The namespace of an OVF environment (DSP8027). */
const NAMESPACE = "http://schemas.dmtf.org/ovf/environment/1";

/** Characters that XML 1.0 cannot hold, not even escaped (XML 1.0, 2.2). */
const NOT_XML = /[^\P{Cc}\t\n\r\u007f-\u009f]|[\ufffe\uffff]/u;

const xmlText = text.refine((value) => !NOT_XML.test(value), "must hold only characters that XML 1.0 allows (2.2)");
const key = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9._-]*$/, "must be a letter or _, then letters, digits, ., _ and -")
  .refine(...notAmong("instance-id", "hostname", "public-keys", "password", "user-data", "network-config"));

const ovfData = z.strictObject({
  instance_id: line.min(1, "must not be empty"),
  hostname: line.optional(),
  public_keys: z.array(line).default([]),
  password: xmlText.optional(),
  user_data: bytes.optional(),
  /** YAML with `network` at its top, as cloud-init reads it. */
  network_config: bytes.optional(),
  /** Further properties by key; none that has a field of its own here. */
  properties: z.record(key, xmlText).default({}),
});

/** Text inside an attribute; line breaks as character references, because a parser turns bare ones into blanks (XML 1.0, 3.3.3). */
function attribute(value: string): string {
  return value.replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Config data as an OVF environment document, `ovf-env.xml`. Elements stand without a prefix and attributes with `oe:`, which is the
 * form that cloud-init (by namespace) and cloudbase-init (by the literal prefix) both take. Throws `LayoutRefusal`.
 */
export function layOutOvf(document: unknown): LaidOut {
  const data = check(ovfData, document);
  const properties: [string, string][] = [["instance-id", data.instance_id]];
  if (data.hostname !== undefined) properties.push(["hostname", data.hostname]);
  if (data.public_keys.length > 0) properties.push(["public-keys", data.public_keys.join("\n")]);
  if (data.password !== undefined) properties.push(["password", data.password]);
  if (data.user_data !== undefined) properties.push(["user-data", data.user_data.toString("base64")]);
  if (data.network_config !== undefined) properties.push(["network-config", data.network_config.toString("base64")]);
  properties.push(...Object.entries(data.properties));
  const xml = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<Environment xmlns="${NAMESPACE}" xmlns:oe="${NAMESPACE}" oe:id="${attribute(data.instance_id)}">`,
    "  <PropertySection>",
    ...properties.map(([name, value]) => `    <Property oe:key="${name}" oe:value="${attribute(value)}"/>`),
    "  </PropertySection>",
    "</Environment>",
    "",
  ].join("\n");
  const files = [{ path: "ovf-env.xml", data: fromBytes(Buffer.from(xml, "utf8")) }];
  return { tree: { files }, label: OVF_LABEL, maxImageBytes: MAX_IMAGE_BYTES };
}
