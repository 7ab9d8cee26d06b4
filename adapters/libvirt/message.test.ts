import { encodeMessage, type Message, MessageReader } from "./message.js";

const message = (serial: number, payload: string): Message => ({
  program: 0x20008086,
  version: 1,
  procedure: 14,
  type: 1,
  serial,
  status: 0,
  payload: Buffer.from(payload),
});

test("the length counts itself, the header has six words", () => {
  expect(encodeMessage(message(3, "abcd")).toString("hex")).toBe(
    "0000002020008086000000010000000e00000001000000030000000061626364",
  );
});

test("messages come whole, however they are cut", () => {
  const sent = [message(1, ""), message(2, "abcd"), message(3, "abcdefgh")];
  const bytes = Buffer.concat(sent.map(encodeMessage));
  for (const size of [1, 3, 28, 31, bytes.length]) {
    const reader = new MessageReader();
    const got: Message[] = [];
    for (let at = 0; at < bytes.length; at += size) got.push(...reader.take(bytes.subarray(at, at + size)));
    expect(got).toEqual(sent);
  }
});

test.each([0, 27, 16 * 1024 * 1024 + 5, 0xffffffff])("a length of %i is no message", (length) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  expect(() => new MessageReader().take(bytes)).toThrow(`a message of ${length} bytes`);
});
