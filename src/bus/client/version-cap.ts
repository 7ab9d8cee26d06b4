import { isCompatible, parseVersion } from "../wire/version.js";
import { VersionCapExceeded } from "./call-errors.js";

/**
 * Refuses a request that a server of the capped version could not serve (wire §5.3). Without a cap everything may be sent; with one,
 * a request without a version may not.
 * @throws VersionCapExceeded
 */
export function checkVersionCap(version: string | undefined, cap: string | undefined): void {
  if (cap === undefined) return;
  const capped = parseVersion(cap);
  const asked = version === undefined ? undefined : parseVersion(version);
  if (capped === undefined || asked === undefined || !isCompatible(capped, asked))
    throw new VersionCapExceeded(version, cap);
}
