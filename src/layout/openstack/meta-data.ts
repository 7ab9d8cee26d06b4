import type { Json } from "../document.js";
import type { OpenstackData } from "./data.js";
import { devicesFor } from "./device.js";
import { SINCE } from "./versions.js";

/** A file below `openstack/content/` and what it holds. */
export interface ContentFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The files below `openstack/content/`: the network template first where there is one, then the personality (nova's numbering). */
export function contentFiles(data: OpenstackData): ContentFile[] {
  const template = data.network_config === undefined ? [] : [data.network_config];
  return [...template, ...data.files.map((file) => file.content)].map((bytes, index) => ({
    name: String(index).padStart(4, "0"),
    bytes,
  }));
}

/** meta_data.json of one dated version, keys in nova's order (nova/api/metadata/base.py, _metadata_as_json). */
export function metaData(data: OpenstackData, version: string): Json {
  const first = data.network_config === undefined ? 0 : 1;
  const contentPath = (index: number) => `/content/${String(index).padStart(4, "0")}`;
  const files = data.files.map((file, index) => ({ path: file.path, content_path: contentPath(first + index) }));
  const [key] = data.keys;
  return {
    uuid: data.uuid,
    ...(Object.keys(data.meta).length > 0 ? { meta: data.meta } : {}),
    ...(files.length > 0 ? { files } : {}),
    ...(data.admin_pass === undefined ? {} : { admin_pass: data.admin_pass }),
    ...data.extra,
    ...(first === 1 ? { network_config: { name: "network_config", content_path: contentPath(0) } } : {}),
    ...(key === undefined
      ? {}
      : {
          public_keys: Object.fromEntries(data.keys.map((each) => [each.name, each.data])),
          keys: data.keys.map(({ name, type, data: value }) => ({ name, type, data: value })),
        }),
    hostname: data.hostname,
    name: data.name ?? data.hostname,
    launch_index: data.launch_index,
    availability_zone: data.availability_zone,
    ...(data.random_seed !== undefined && version >= SINCE.random_seed
      ? { random_seed: Buffer.from(data.random_seed).toString("base64") }
      : {}),
    ...(version >= SINCE.project_id ? { project_id: data.project_id } : {}),
    ...(version >= SINCE.devices ? { devices: devicesFor(version, data.devices) } : {}),
    ...(version >= SINCE.dedicated_cpus ? { dedicated_cpus: data.dedicated_cpus } : {}),
  };
}
