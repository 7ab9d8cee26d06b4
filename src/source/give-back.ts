/**
 * Gives a chunk's memory back at once, where the chunk is all that lies in it: to a collector that goes by a heap which hardly grows,
 * bytes that stream through are no reason to look. Whoever passes a chunk on calls it once nobody reads that any more.
 */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
