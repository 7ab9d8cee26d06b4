import { LongNameParts, UNIT_OFFSETS } from "./long-name.js";
import { shortNameChecksum } from "./short-name.js";

const short = new Uint8Array(32);
short.set(Buffer.from("META_D~1JSO"));
const sum = shortNameChecksum(short);

/** One part: its sequence byte, its checksum and up to 13 units, the rest filled as the standard says. */
function part(sequence: number, text: string, checksum = sum): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes[0] = sequence;
  bytes[11] = 0x0f;
  bytes[13] = checksum;
  UNIT_OFFSETS.forEach((at, index) => {
    const unit = index < text.length ? text.charCodeAt(index) : index === text.length ? 0 : 0xffff;
    bytes[at] = unit & 0xff;
    bytes[at + 1] = unit >> 8;
  });
  return bytes;
}

function taken(...given: Uint8Array[]): string | undefined {
  const parts = new LongNameParts();
  for (const one of given) parts.add(one);
  return parts.take(short);
}

test("the checksum is the specification's rotation over the eleven bytes", () => {
  expect(shortNameChecksum(Buffer.from("           "))).toBe(247);
  expect(sum).toBe([...short.subarray(0, 11)].reduce((s, b) => (((s & 1) << 7) + (s >> 1) + b) & 255, 0));
});

test("parts stand last first", () => {
  expect(taken(part(0x42, "n"), part(1, "meta_data.jso"))).toBe("meta_data.json");
});

test.each([
  ["a part is missing", [part(0x42, "n")]],
  ["parts are out of order", [part(0x43, "x"), part(1, "meta_data.jso")]],
  ["the checksum is another name's", [part(0x41, "meta", sum ^ 1)]],
  ["parts carry different checksums", [part(0x42, "n"), part(1, "meta_data.jso", sum ^ 1)]],
  ["the sequence number is 0", [part(0x40, "meta")]],
  ["there are no parts", []],
])("where %s the short name stands", (_, parts) => {
  expect(taken(...parts)).toBeUndefined();
});
