import { XdrError, XdrReader, XdrWriter } from "./xdr.js";

test("bytes as RFC 4506 draws them", () => {
  const bytes = new XdrWriter()
    .uint(0xdeadbeef)
    .int(-1)
    .string("sillyprog")
    .fixedOpaque(Buffer.of(7))
    .optional<number>(undefined, (writer, value) => writer.uint(value))
    .optional(5, (writer, value) => writer.uint(value))
    .bytes();
  expect(bytes.toString("hex")).toBe(
    `deadbeefffffffff00000009${Buffer.from("sillyprog").toString("hex")}00000007000000000000000000000100000005`,
  );
});

test("what was written is read", () => {
  const written = new XdrWriter()
    .int(-7)
    .string("é…")
    .fixedOpaque(Buffer.of(1, 2, 3, 4))
    .uint(2)
    .uint(8)
    .uint(9)
    .uint(2 ** 20)
    .uint(5);
  const reader = new XdrReader(written.bytes());
  expect([reader.int(), reader.string(5)]).toEqual([-7, "é…"]);
  expect(reader.fixedOpaque(4)).toEqual(Buffer.of(1, 2, 3, 4));
  expect(reader.list(2, (inner) => inner.uint())).toEqual([8, 9]);
  expect(reader.uhyper()).toBe(2 ** 52 + 5);
  reader.end();
});

test.each([
  ["too early an end", "000000", (reader: XdrReader) => reader.uint()],
  ["a string that is longer than its bytes", "00000009616263", (reader: XdrReader) => reader.string(100)],
  ["a string over its limit", "0000000361626300", (reader: XdrReader) => reader.string(2)],
  ["a list over its limit", "0000000300000000", (reader: XdrReader) => reader.list(2, (inner) => inner.uint())],
  ["padding that is not zero", "00000001610000ff", (reader: XdrReader) => reader.string(1)],
  ["a switch of neither 0 nor 1", "00000002", (reader: XdrReader) => reader.optional((inner) => inner.uint())],
  ["a number of more than 53 bits", "0020000000000000", (reader: XdrReader) => reader.uhyper()],
  ["something left over", "00000000", (reader: XdrReader) => reader.end()],
])("%s is refused", (_, hex, read) => {
  expect(() => read(new XdrReader(Buffer.from(hex, "hex")))).toThrow(XdrError);
});
