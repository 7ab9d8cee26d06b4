import type { Json } from "../document.js";
import type { OpenstackData } from "./data.js";

/** The EC2-style directories that nova writes unless told otherwise (`[api] config_drive_skip_versions` leaves out the older ones). */
export const EC2_DIRECTORIES = ["2009-04-04", "latest"] as const;

/** meta-data.json of the EC2-style directories, keys in nova's order (nova/api/metadata/base.py, get_ec2_metadata). */
export function ec2MetaData(data: OpenstackData): Json {
  const { ec2 } = data;
  const [key] = data.keys;
  return {
    "ami-id": ec2.ami_id,
    "ami-launch-index": data.launch_index,
    // This very word is the value that nova writes.
    "ami-manifest-path": "FIXME",
    "instance-id": ec2.instance_id ?? data.uuid,
    hostname: data.hostname,
    "local-ipv4": ec2.local_ipv4,
    "reservation-id": ec2.reservation_id,
    "security-groups": ec2.security_groups,
    ...(key === undefined ? {} : { "public-keys": { "0": { _name: `0=${key.name}`, "openssh-key": key.data } } }),
    "local-hostname": data.hostname,
    "public-hostname": data.hostname,
    "public-ipv4": ec2.public_ipv4,
    "instance-type": ec2.instance_type,
    "block-device-mapping": ec2.block_device_mapping,
    ...(ec2.kernel_id === undefined ? {} : { "kernel-id": ec2.kernel_id }),
    ...(ec2.ramdisk_id === undefined ? {} : { "ramdisk-id": ec2.ramdisk_id }),
    placement: { "availability-zone": data.availability_zone },
    "instance-action": "none",
  };
}
