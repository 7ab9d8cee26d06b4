import { type Compression, compress, compressionNamed, decompress } from "./compression.js";

const limit = 1_000_000;
const text = `{"a": "${"b".repeat(42)}"}`;

/** The text as kombu 5.7 compresses it, with Python's zlib, brotli 1.2 and zstd. */
const fromPython: readonly [Compression, string, string][] = [
  ["gzip", "application/x-gzip", "789cab564a54b252504a221a28d50200c94f1250"],
  ["brotli", "application/x-brotli", "1b3200f88dd315f7210d7eb21411db6b109db03e25893f8140b38818"],
  ["zstd", "application/zstd", "28b52ffd2033850000507b2261223a202262227d010020c005"],
];

describe.each(fromPython)("%s", (compression, type, hex) => {
  test("what Python compressed is read", () => {
    expect(decompress(Buffer.from(hex, "hex"), type, limit).toString()).toBe(text);
  });

  test("what we compress names its type, is smaller, and is read again", () => {
    const plain = Buffer.from(text.repeat(10));
    const { body, headers } = compress(plain, compression);
    expect(headers).toEqual({ compression: type });
    expect(body.length).toBeLessThan(plain.length);
    expect(decompress(body, headers.compression, limit)).toEqual(plain);
  });

  test("a bomb is not inflated", () => {
    const { body } = compress(Buffer.alloc(limit + 1, "["), compression);
    expect(() => decompress(body, type, limit)).toThrow(`body inflates to more than ${limit} bytes`);
  });

  test("a body that is not what its header says is left as it is", () => {
    const plain = Buffer.from(text);
    expect(decompress(plain, type, limit)).toBe(plain);
  });
});

test("a body with white space around it, under a compression that nobody knows, is left as it is, as Python leaves it", () => {
  for (const json of [text, `\n\t ${text} \r\n`]) {
    const plain = Buffer.from(json);
    expect(decompress(plain, "x", limit)).toBe(plain);
  }
  for (const other of ["", " \n", "x", " x"]) {
    expect(() => decompress(Buffer.from(other), "x", limit)).toThrow('compression "x" is not supported');
  }
});

test("zstd says how much a frame holds, which older Python bindings need to read it (RFC 8878, 3.1.1.1)", () => {
  const { body } = compress(Buffer.from(text), "zstd");
  // Single_Segment_flag, without a dictionary: one byte of Frame_Content_Size follows.
  expect(body[4]! & 0b1110_0011).toBe(0b0010_0000);
  expect(body[5]).toBe(text.length);
});

test("kombu's other names mean the same", () => {
  expect(["zlib", "zstandard", "application/zstd"].map(compressionNamed)).toEqual(["gzip", "zstd", "zstd"]);
  expect(["bzip2", "lzma", "xz", "", undefined].map(compressionNamed)).toEqual(Array(5).fill(undefined));
});
