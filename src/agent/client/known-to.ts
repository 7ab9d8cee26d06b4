import type { FieldDescriptor } from "#api/descriptors.js";
import { isCompatible, parseVersion } from "#bus/wire/version.js";

/** Which fields a peer of a version, `major.minor`, knows: an older agent refuses a request that has others. */
export function knownTo(version: string): (field: FieldDescriptor) => boolean {
  const theirs = parseVersion(version);
  return ({ since }) => {
    const needed = parseVersion(since);
    return theirs !== undefined && needed !== undefined && isCompatible(theirs, needed);
  };
}
