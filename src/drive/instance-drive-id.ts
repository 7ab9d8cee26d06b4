import { createHash } from "node:crypto";

/** Which of the drives that a compute manager gives an instance. */
export type InstanceDriveRole = "config" | "rescue";

/** The namespace of these names: a UUID of our own. */
const NAMESPACE = Buffer.from("5d0f8ad27d5a4a7cb1d68a3f0c1a9b64", "hex");

/**
 * The id of the drive that an instance is born with: it follows from the instance and the role (a name-based UUID, version 5;
 * RFC 9562, 5.5), so that whoever builds it again, and whoever repeats a call whose answer was lost, means the same drive.
 */
export function instanceDriveId(instanceId: string, role: InstanceDriveRole): string {
  const digest = createHash("sha1").update(NAMESPACE).update(`${instanceId}/${role}`).digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString("hex", 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
