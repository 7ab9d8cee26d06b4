import { firstNonZero, uint16be, uint16le, uint32be, uint32le } from "../../input/integers.js";
import type { VolumeDescriptor } from "../../iso9660/read/volume-descriptor.js";
import { SECTOR } from "../../iso9660/read/volume-descriptor.js";
import type { ExtentMap } from "./extent-map.js";
import type { CheckedDirectory, CheckedTree, IsoCheck } from "./tree.js";
import { pathTablePlaces } from "./volume-descriptor.js";

/** The four path tables of a tree: L and M, and their optional second copies (ECMA-119 6.9, 8.4.14 to 8.4.17, 9.4). */
export function checkPathTables(
  check: IsoCheck,
  descriptor: VolumeDescriptor,
  tree: CheckedTree,
  extents: ExtentMap,
): void {
  const places = pathTablePlaces(descriptor);
  const order = pathTableOrder(tree);
  const tables = [
    { letter: "L", block: places.little, field: 140, clause: "8.4.14" },
    { letter: "M", block: places.big, field: 148, clause: "8.4.16" },
    { letter: "L", block: places.optionalLittle, field: 144, clause: "8.4.15", optional: true },
    { letter: "M", block: places.optionalBig, field: 152, clause: "8.4.17", optional: true },
  ];
  for (const { letter, block, field, clause, optional } of tables) {
    if (optional === true && block === 0) continue;
    const place = `${optional === true ? "optional " : ""}path table ${letter} (${tree.name})`;
    const start = block * tree.root.blockSize;
    if (block < 16 || start + places.size > check.volumeBlocks * tree.root.blockSize) {
      const at = descriptor.offset + field;
      check.faults.error(
        place,
        at,
        `ECMA-119 ${clause}`,
        `block ${block}, ${places.size} bytes: that is not inside the volume`,
      );
      continue;
    }
    extents.add(start, places.size, "path table", () => place);
    checkTable(check, { place, start, size: places.size, big: letter === "M" }, order);
  }
}

/** The directories in the order of a path table: by level, by the parent's number, by identifier (ECMA-119 6.9.1). */
function pathTableOrder({ directories }: CheckedTree): CheckedDirectory[] {
  const numbers = new Map<CheckedDirectory, number>();
  const levels: CheckedDirectory[][] = [];
  for (const directory of directories) {
    levels[directory.depth] ??= [];
    levels[directory.depth]!.push(directory);
  }
  const order: CheckedDirectory[] = [];
  for (const level of levels) {
    const parentNumber = (directory: CheckedDirectory) =>
      directory.parent === undefined ? 0 : numbers.get(directory.parent)!;
    level.sort((a, b) => parentNumber(a) - parentNumber(b) || Buffer.compare(a.identifier, b.identifier));
    for (const directory of level) numbers.set(directory, order.push(directory));
  }
  return order;
}

interface Table {
  readonly place: string;
  readonly start: number;
  readonly size: number;
  readonly big: boolean;
}

function checkTable(
  { input, faults, budget }: IsoCheck,
  { place, start, size, big }: Table,
  order: CheckedDirectory[],
): void {
  budget.hold(size, "path table");
  const bytes = input.read(start, size);
  const number32 = big ? uint32be : uint32le;
  const number16 = big ? uint16be : uint16le;
  const numbers = new Map(order.map((directory, index) => [directory, index + 1]));
  let at = 0;
  for (const [index, directory] of order.entries()) {
    budget.spend();
    const fault = (within: number, clause: string, message: string) =>
      faults.error(place, start + at + within, clause, `entry ${index + 1}, ${directory.path}: ${message}`);
    const length = bytes[at];
    if (length === undefined || at + 8 + length > size) {
      faults.error(
        place,
        start + at,
        "ECMA-119 6.9, 8.4.13",
        `it ends before the entry of directory ${directory.path}`,
      );
      return;
    }
    if (Buffer.compare(bytes.subarray(at + 8, at + 8 + length), directory.identifier) !== 0) {
      fault(8, "ECMA-119 6.9.1, 9.4.5", "here stands another directory, or it stands out of order");
      return;
    }
    const block = number32(bytes, at + 2);
    if (block !== directory.block) fault(2, "ECMA-119 9.4.3", `its extent is block ${directory.block}, not ${block}`);
    if (bytes[at + 1] !== (directory.record?.bytes[1] ?? 0)) {
      fault(1, "ECMA-119 9.4.2", "the length of its extended attribute record is that of its directory record");
    }
    const parent = numbers.get(directory.parent ?? directory);
    const stated = number16(bytes, at + 6);
    if (stated !== parent) fault(6, "ECMA-119 9.4.4", `its parent is entry ${parent}, not ${stated}`);
    if (length % 2 === 1 && bytes[at + 8 + length] !== 0)
      fault(8 + length, "ECMA-119 9.4.6", "the byte that fills it up is zero");
    at += 8 + length + (length % 2);
  }
  if (at !== size)
    faults.error(
      place,
      start + at,
      "ECMA-119 6.9, 8.4.13",
      `it goes on for ${size - at} bytes behind the last directory's entry`,
    );
  checkRest({ input, faults }, place, start, size);
}

/** Behind a path table the rest of its last sector is zero in every writer's image. */
function checkRest(
  { input, faults }: Pick<IsoCheck, "input" | "faults">,
  place: string,
  start: number,
  size: number,
): void {
  const end = Math.min(Math.ceil((start + size) / SECTOR) * SECTOR, input.size);
  const rest = input.read(start + size, end - start - size);
  const dirty = firstNonZero(rest, 0, rest.length);
  if (dirty >= 0)
    faults.warning(
      place,
      start + size + dirty,
      "ECMA-119 6.9",
      "there are bytes between its end and the end of its sector",
    );
}
