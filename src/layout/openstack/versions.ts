/**
 * The dated directories below `openstack/`, oldest first, with the release of nova that brought each
 * (nova/api/metadata/base.py, OPENSTACK_VERSIONS).
 */
const VERSIONS = [
  "2012-08-10",
  "2013-04-04",
  "2013-10-17",
  "2015-10-15",
  "2016-06-30",
  "2016-10-06",
  "2017-02-22",
  "2018-08-27",
  "2020-10-14",
  "2025-04-04",
] as const;

/** From which dated version on a key of meta_data.json or a file is there. */
export const SINCE = {
  random_seed: "2013-04-04",
  vendor_data: "2013-10-17",
  project_id: "2015-10-15",
  network_data: "2015-10-15",
  devices: "2016-06-30",
  vendor_data2: "2016-10-06",
  vlan: "2017-02-22",
  vf_trusted: "2018-08-27",
  dedicated_cpus: "2020-10-14",
  share_devices: "2025-04-04",
} as const;

/** Which nova the drive shall look like: Zed (26), or Epoxy (31) and later with one dated directory more. */
export type Release = "zed" | "epoxy";

/** A directory below `openstack/` and the dated version whose content it has. */
export interface VersionDirectory {
  readonly name: string;
  readonly version: string;
}

/** Every directory below `openstack/` that a release writes; `latest` has the content of the newest dated one. */
export function versionDirectories(release: Release): VersionDirectory[] {
  const dated = VERSIONS.filter((version) => release === "epoxy" || version < "2025");
  const newest = dated.at(-1) ?? VERSIONS[0];
  return [...dated.map((version) => ({ name: version, version })), { name: "latest", version: newest }];
}
