import { nameBasedId } from "./name-based-id.js";

/** Which of the drives that a compute manager gives an instance. */
export type InstanceDriveRole = "config" | "rescue";

/** The namespace of these names: a UUID of our own. */
const NAMESPACE = "5d0f8ad2-7d5a-4a7c-b1d6-8a3f0c1a9b64";

/**
 * The id of the drive that an instance is born with: it follows from the instance and the role, so that whoever builds it again, and
 * whoever repeats a call whose answer was lost, means the same drive.
 */
export function instanceDriveId(instanceId: string, role: InstanceDriveRole): string {
  return nameBasedId(NAMESPACE, `${instanceId}/${role}`);
}
