import { ReadBudget } from "../../input/budget.js";
import { bytesInput } from "../../input/input.js";
import { followChain, readTable } from "./allocation.js";
import { type FatGeometry, readGeometry } from "./boot-sector.js";

/** A FAT12 volume of 20 sectors: boot sector, one FAT of a sector, a root of a sector, 17 clusters. */
function volume(entries: Record<number, number>) {
  const bytes = new Uint8Array(20 * 512);
  bytes.set([0xeb, 0x3c, 0x90], 0);
  bytes.set([0, 2, 1, 1, 0, 1, 16, 0, 20, 0, 0xf8, 1, 0], 11);
  for (const [cluster, value] of Object.entries(entries)) {
    const at = 512 + Number(cluster) + (Number(cluster) >> 1);
    const pair = bytes[at]! | (bytes[at + 1]! << 8);
    const next = Number(cluster) % 2 === 0 ? (pair & 0xf000) | value : (pair & 0x000f) | (value << 4);
    bytes.set([next & 0xff, next >> 8], at);
  }
  const input = bytesInput(bytes);
  const geometry = readGeometry(input);
  return { geometry, table: readTable(input, geometry, 0, new ReadBudget({ steps: 0, structureBytes: 512 })) };
}

function chain(geometry: FatGeometry, table: ReturnType<typeof readTable>, first: number, most = 100, steps = 1000) {
  return [...followChain(table, geometry, first, most, new ReadBudget({ steps: steps, structureBytes: 1e6 }))];
}

test("entries of 12 bits share bytes with their neighbours", () => {
  const { geometry, table } = volume({ 2: 3, 3: 7, 7: 0xfff, 4: 0xabc });
  expect(geometry.type).toBe(12);
  expect([table.entry(2), table.entry(3), table.entry(4), table.entry(5), table.entry(7)]).toEqual([
    3, 7, 0xabc, 0, 0xfff,
  ]);
  expect(chain(geometry, table, 2)).toEqual([2, 3, 7]);
});

test("a cycle ends after as many clusters as are asked for, or when the steps are used up", () => {
  const { geometry, table } = volume({ 2: 3, 3: 2 });
  expect(chain(geometry, table, 2, 5)).toEqual([2, 3, 2, 3, 2]);
  expect(() => chain(geometry, table, 2, 100, 50)).toThrow("more steps than the limit");
});

test.each([0, 1, 19, 0xff0])("a chain that leads to %d is refused", (value) => {
  const { geometry, table } = volume({ 2: value });
  expect(() => chain(geometry, table, 2)).toThrow(`leads through clusters 2 to 18 (got ${value})`);
});
