import { z } from "zod";
import { type FileEntry, fromBytes } from "#image/tree.js";
import { check } from "./check.js";
import { bytes, furtherKeys, json, line } from "./document.js";
import type { LaidOut } from "./result.js";
import { yamlJson } from "./yaml-json.js";

/** The label that NoCloud readers look for; all lower or all upper case (cloudinit/sources/DataSourceNoCloud.py). */
export const NOCLOUD_LABEL = "cidata";

const nocloudData = z.strictObject({
  instance_id: line.min(1, "must not be empty"),
  local_hostname: line.optional(),
  public_keys: z.array(line).default([]),
  /** Further keys of meta-data. */
  extra: furtherKeys("instance-id", "local-hostname", "public-keys").default({}),
  user_data: bytes.default(Buffer.alloc(0)),
  vendor_data: bytes.optional(),
  /** Network configuration, version 1 or 2: text as it is, or an object. */
  network_config: z.union([bytes, json], { error: "must be text, base64 or an object" }).optional(),
});

/**
 * Config data as a NoCloud seed: `meta-data` and `user-data` always, `vendor-data` and `network-config` where given. meta-data is JSON,
 * which is YAML too and what readers without a YAML parser take. Throws `LayoutRefusal` when the data does not fit.
 */
export function layOutNocloud(document: unknown): LaidOut {
  const data = check(nocloudData, document);
  const metaData = {
    "instance-id": data.instance_id,
    ...(data.local_hostname === undefined ? {} : { "local-hostname": data.local_hostname }),
    ...(data.public_keys.length === 0 ? {} : { "public-keys": data.public_keys }),
    ...data.extra,
  };
  const network = data.network_config;
  const files: FileEntry[] = [
    { path: "meta-data", data: fromBytes(Buffer.from(yamlJson(metaData), "utf8")) },
    { path: "user-data", data: fromBytes(data.user_data) },
  ];
  if (data.vendor_data !== undefined) files.push({ path: "vendor-data", data: fromBytes(data.vendor_data) });
  if (network !== undefined) {
    const content = network instanceof Uint8Array ? network : Buffer.from(yamlJson(network), "utf8");
    files.push({ path: "network-config", data: fromBytes(content) });
  }
  return { tree: { files }, label: NOCLOUD_LABEL };
}
