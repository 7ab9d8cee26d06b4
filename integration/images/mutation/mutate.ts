import type { SeededRandom } from "./random.js";

/** Numbers at which readers go wrong: none, few, signs, the largest, and sectors that an image has. */
const TELLING = [
  0, 1, 2, 3, 16, 17, 18, 33, 255, 2048, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x0ffffff8,
];

/** An image that is changed in place and put back, so that a mutant costs nothing but its changes. */
export class Mutable {
  readonly #used: Uint32Array;
  readonly #undo: { at: number; before: Buffer }[] = [];

  constructor(readonly bytes: Buffer) {
    this.#used = Uint32Array.from(usedPlaces(bytes));
  }

  /** Makes one to six changes near bytes that mean something; gives the bytes of the mutant, now and then cut off. */
  mutate(random: SeededRandom): Buffer {
    for (let count = 1 + random.below(random.below(2) === 0 ? 2 : 6); count > 0; count--) this.#change(random);
    if (random.below(40) === 0) return this.bytes.subarray(0, random.below(this.bytes.length));
    return this.bytes;
  }

  /** Puts everything back. */
  restore(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop())
      undo.before.copy(this.bytes, undo.at);
  }

  #change(random: SeededRandom): void {
    const at = this.#place(random);
    this.#write(at, this.#value(at, random));
  }

  #value(at: number, random: SeededRandom): Buffer {
    switch (random.below(7)) {
      case 0:
        return Buffer.of(this.bytes[at]! ^ (1 << random.below(8)));
      case 1:
        return Buffer.of(random.below(256));
      case 2:
        return number(4, random.pick(TELLING), random.below(2) === 0);
      case 3:
        return number(2, random.pick(TELLING) & 0xffff, random.below(2) === 0);
      case 4: {
        const value = random.pick(TELLING);
        return Buffer.concat([number(4, value, false), number(4, value, true)]);
      }
      case 5: {
        const from = this.#place(random);
        return Buffer.from(this.bytes.subarray(from, from + 1 + random.below(64)));
      }
      default:
        return Buffer.alloc(1 + random.below(40), random.pick([0, 0xff, 0x20]));
    }
  }

  #place(random: SeededRandom): number {
    if (random.below(20) === 0) return random.below(this.bytes.length);
    const near = random.pick([0, 0, 0, 1, -1, 2, 4, 8]);
    return Math.min(Math.max(this.#used[random.below(this.#used.length)]! + near, 0), this.bytes.length - 1);
  }

  #write(at: number, value: Buffer): void {
    const length = Math.min(value.length, this.bytes.length - at);
    this.#undo.push({ at, before: Buffer.from(this.bytes.subarray(at, at + length)) });
    value.copy(this.bytes, at, 0, length);
  }
}

/** Every place that is not zero, but of a long run of equal bytes the first alone. */
function* usedPlaces(bytes: Buffer): Generator<number> {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 0 && !(at >= 4 && bytes[at] === bytes[at - 1] && bytes[at] === bytes[at - 4])) yield at;
  }
}

function number(length: 2 | 4, value: number, big: boolean): Buffer {
  const bytes = Buffer.alloc(length);
  if (big) bytes.writeUIntBE(value, 0, length);
  else bytes.writeUIntLE(value, 0, length);
  return bytes;
}
