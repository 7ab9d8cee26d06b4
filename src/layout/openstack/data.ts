import { z } from "zod";
import { fits } from "../check.js";
import { bytes, furtherKeys, json, jsonObject, line, text } from "../document.js";
import { device } from "./device.js";
import { networkData } from "./network-data.js";

/** The keys of meta_data.json that fields of this layout set. */
const META_DATA_KEYS = [
  "uuid",
  "meta",
  "files",
  "admin_pass",
  "network_config",
  "public_keys",
  "keys",
  "hostname",
  "name",
  "launch_index",
  "availability_zone",
  "random_seed",
  "project_id",
  "devices",
  "dedicated_cpus",
];

const key = z.strictObject({ name: line, type: z.enum(["ssh", "x509"]).default("ssh"), data: text });
const file = z.strictObject({ path: text.min(1, "must not be empty"), content: bytes });

/** What only the EC2-style directories tell (nova/api/metadata/base.py, get_ec2_metadata). */
const ec2 = z.strictObject({
  instance_id: line.optional(),
  ami_id: line.default("ami-00000000"),
  reservation_id: line.default(""),
  instance_type: line.default(""),
  local_ipv4: line.default(""),
  public_ipv4: line.default(""),
  security_groups: z.array(line).default([]),
  block_device_mapping: jsonObject.default({}),
  kernel_id: line.optional(),
  ramdisk_id: line.optional(),
});

/** Config data of the `openstack` layout: what nova knows of an instance. Unknown keys are refused; `extra` takes what shall be added. */
export const openstackData = z.strictObject({
  /** How the drive shall look: as Zed writes it, or as Epoxy and later do. */
  release: z.enum(["zed", "epoxy"], { error: "must be zed or epoxy" }).default("epoxy"),
  uuid: z.guid("must be a UUID"),
  hostname: line.min(1, "must not be empty"),
  name: text.optional(),
  launch_index: z.int("must be a whole number").min(0, "must not be negative").default(0),
  availability_zone: text.nullable().default(null),
  project_id: text.nullable().default(null),
  /** Key and value pairs of the user (`meta` in meta_data.json). */
  meta: z.record(z.string(), text).default({}),
  keys: z.array(key).default([]),
  /** Password of the administrator; nova puts it on the drive as `admin_pass`. */
  admin_pass: text.optional(),
  /** Further keys of meta_data.json. */
  extra: furtherKeys(...META_DATA_KEYS).default({}),
  user_data: bytes.optional(),
  vendor_data: jsonObject.default({}),
  vendor_data2: jsonObject.default({ static: {} }),
  network_data: json.check(fits(networkData)).default({ links: [], networks: [], services: [] }),
  /** The rendered interfaces template of an injected network. */
  network_config: bytes.optional(),
  /** Personality: files that the guest puts at `path`. */
  files: z.array(file).default([]),
  devices: z.array(device).default([]),
  dedicated_cpus: z.array(z.int().min(0)).default([]),
  /** Seed for the guest's random numbers, 512 bytes by nova's custom; left out if not given, for this layout draws none of its own. */
  random_seed: bytes.optional(),
  ec2: ec2.prefault({}),
});

/** Config data of the `openstack` layout, checked. */
export type OpenstackData = z.output<typeof openstackData>;
