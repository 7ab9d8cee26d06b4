import { giveBack } from "./give-back.js";

test("a chunk that is all of its memory is given back; one that shares it is left as it is", () => {
  const whole = Buffer.from(new Uint8Array(1000).fill(7).buffer);
  giveBack(whole);
  expect(whole).toHaveLength(0);
  const [first, second] = [0, 500].map((at) => Buffer.from(new Uint8Array(1000).fill(7).buffer, at, 500));
  for (const part of [first, second, Buffer.from("from the pool")]) {
    const before = Buffer.from(part!);
    giveBack(part!);
    expect(part).toEqual(before);
  }
});
