/**
 * The bytes of a base64 text: standard alphabet, padded, unused bits zero, so that all bytes have one form (RFC 4648, 3.5 and 4).
 * `undefined` for any other text.
 */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = Buffer.from(text, "base64");
  // Node skips what is no base64, so that the length tells; but it takes the URL-safe alphabet too.
  if (bytes.length !== (text.length / 4) * 3 - padding) return undefined;
  if (text.includes("-") || text.includes("_")) return undefined;
  const last = bytes.subarray(bytes.length - ((3 - padding) % 3));
  return padding > 0 && last.toString("base64") !== text.slice(-4) ? undefined : bytes;
}
