import { type FileEntry, fromBytes } from "#image/tree.js";
import { check } from "./check.js";
import type { Json } from "./document.js";
import { openstackData } from "./openstack/data.js";
import { EC2_DIRECTORIES, ec2MetaData } from "./openstack/ec2.js";
import { contentFiles, metaData } from "./openstack/meta-data.js";
import { SINCE, versionDirectories } from "./openstack/versions.js";
import { pythonJson } from "./python-json.js";
import type { LaidOut } from "./result.js";

/** The label that every reader of a config drive version 2 looks for, in this exact case (nova/virt/configdrive.py). */
export const OPENSTACK_LABEL = "config-2";

function jsonFile(path: string, value: Json): FileEntry {
  return { path, data: fromBytes(Buffer.from(pythonJson(value), "utf8")) };
}

/**
 * Config data as a config drive version 2: the files that nova writes, in every dated version, byte for byte in nova's JSON form
 * (nova/api/metadata/base.py, metadata_for_config_drive). Throws `LayoutRefusal` when the data does not fit.
 */
export function layOutOpenstack(document: unknown): LaidOut {
  const data = check(openstackData, document);
  const files: FileEntry[] = [];
  const userData = data.user_data === undefined ? undefined : fromBytes(data.user_data);
  const ec2 = ec2MetaData(data);
  for (const directory of EC2_DIRECTORIES) {
    if (userData !== undefined) files.push({ path: `ec2/${directory}/user-data`, data: userData });
    files.push(jsonFile(`ec2/${directory}/meta-data.json`, ec2));
  }
  for (const { name, version } of versionDirectories(data.release)) {
    const below = `openstack/${name}`;
    files.push(jsonFile(`${below}/meta_data.json`, metaData(data, version)));
    if (userData !== undefined) files.push({ path: `${below}/user_data`, data: userData });
    if (version >= SINCE.vendor_data) files.push(jsonFile(`${below}/vendor_data.json`, data.vendor_data));
    if (version >= SINCE.network_data) files.push(jsonFile(`${below}/network_data.json`, data.network_data));
    if (version >= SINCE.vendor_data2) files.push(jsonFile(`${below}/vendor_data2.json`, data.vendor_data2));
  }
  for (const { name, bytes } of contentFiles(data)) {
    files.push({ path: `openstack/content/${name}`, data: fromBytes(bytes) });
  }
  return { tree: { files }, label: OPENSTACK_LABEL };
}
