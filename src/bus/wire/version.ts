/** A version as compared: major, minor and revision, each a whole number. */
export interface RpcVersion {
  readonly major: number;
  readonly minor: number;
  readonly revision: number;
}

const form = /^\s*([0-9]{1,9})\.([0-9]{1,9})(?:\.([0-9]{1,9}))?\s*$/;

/** Versions read before: a peer names the same few in every message. */
const known = new Map<string, RpcVersion>();
const knownAtMost = 100;

/** Reads `major.minor` or `major.minor.revision`; undefined where the text is neither (`"1"` too, which Python's dispatcher cannot compare). */
export function parseVersion(text: string): RpcVersion | undefined {
  const before = known.get(text);
  if (before !== undefined) return before;
  const parts = form.exec(text);
  if (parts === null) return undefined;
  const version = { major: Number(parts[1]), minor: Number(parts[2]), revision: Number(parts[3] ?? 0) };
  if (known.size < knownAtMost && text.length < knownAtMost) known.set(text, version);
  return version;
}

/**
 * Whether something that implements one version can serve a request for another (wire §5.4): the same major, no newer
 * minor, and with equal minors no newer revision. Compared as numbers: 1.10 is newer than 1.9.
 */
export function isCompatible(implemented: RpcVersion, requested: RpcVersion): boolean {
  if (implemented.major !== requested.major) return false;
  if (implemented.minor !== requested.minor) return requested.minor < implemented.minor;
  return requested.revision <= implemented.revision;
}
