import { ReadBudget } from "../../input/budget.js";
import { bytesInput } from "../../input/input.js";
import { parseDirectoryRecord } from "./directory-record.js";
import { rockRidge } from "./rock-ridge.js";
import { readSystemUse } from "./system-use.js";

/** A record at byte 0 with identifier `A` and these System Use bytes, in an image of three blocks. */
function image(systemUse: number[]) {
  const bytes = new Uint8Array(3 * 2048);
  bytes[0] = 34 + systemUse.length;
  bytes[32] = 1;
  bytes[33] = 0x41;
  bytes.set(systemUse, 34);
  const record = parseDirectoryRecord(bytes.subarray(0, 2048), 0, 0);
  if (typeof record === "string") throw new Error(record);
  return { bytes, record };
}

const both = (value: number) => [value, 0, 0, 0, 0, 0, 0, value];
const ce = (block: number, offset: number, length: number) => [
  0x43,
  0x45,
  28,
  1,
  ...both(block),
  ...both(offset),
  ...both(length),
];
const nm = (flags: number, text: string) => [0x4e, 0x4d, 5 + text.length, 1, flags, ...Buffer.from(text)];

test("a name goes on in a continuation area", () => {
  const { bytes, record } = image([...nm(1, "first "), ...ce(2, 16, 11)]);
  bytes.set(nm(0, "second"), 2 * 2048 + 16);
  const entries = readSystemUse(
    bytesInput(bytes),
    record,
    0,
    2048,
    new ReadBudget({ steps: 100, structureBytes: 1e6 }),
  );
  expect(rockRidge(entries).name).toBe("first second");
});

test("continuation areas that lead to themselves end", () => {
  const { bytes, record } = image(ce(1, 0, 28));
  bytes.set(ce(1, 0, 28), 2048);
  const damage: string[] = [];
  const entries = readSystemUse(
    bytesInput(bytes),
    record,
    0,
    2048,
    new ReadBudget({ steps: 1000, structureBytes: 1e6 }),
    (_, rule) => damage.push(rule),
  );
  expect(entries).toHaveLength(33);
  expect(damage).toEqual(["a record's System Use entries lead through at most 32 continuation areas"]);
});

test.each([
  ["a length of 0", [0x4e, 0x4d, 0, 1]],
  ["a length beyond the record", [0x4e, 0x4d, 200, 1]],
])("an entry with %s ends the reading", (_, systemUse) => {
  const { bytes, record } = image(systemUse);
  const damage: number[] = [];
  expect(
    readSystemUse(bytesInput(bytes), record, 0, 2048, new ReadBudget({ steps: 10, structureBytes: 1e6 }), (at) =>
      damage.push(at),
    ),
  ).toEqual([]);
  expect(damage).toEqual([34]);
});
