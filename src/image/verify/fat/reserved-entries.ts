import type { FatCheck } from "./check.js";
import { SPECIFICATION } from "./check.js";

/** FAT entries 0 and 1, which belong to no cluster, and those behind the last cluster (FAT specification, "FAT Volume Initialization"). */
export function checkReservedEntries({ geometry, table, faults, budget }: FatCheck): void {
  const { type, media, fatStart, clusters } = geometry;
  const top = table.endOfChain | 7;
  const clause = `${SPECIFICATION} "FAT"`;
  const zero = table.entry(0);
  const wanted = (top & ~0xff) | media;
  if (zero !== wanted) {
    faults.error(
      "FAT 1",
      fatStart,
      clause,
      `entry 0 is ${hex(wanted)}: the media byte below ones, here is ${hex(zero)}`,
    );
  }
  const one = table.entry(1);
  const clean = type === 12 ? 0 : type === 16 ? 0xc000 : 0x0c000000;
  const at = fatStart + Math.floor(type / 8);
  if ((one | clean) < table.endOfChain)
    faults.error("FAT 1", at, clause, `entry 1 is an end of chain, here is ${hex(one)}`);
  else if ((one & clean) !== clean)
    faults.warning("FAT 1", at, clause, "entry 1 says that the volume was not taken away cleanly, or had errors");
  const entries = Math.floor((table.bytes.length * 8) / type);
  for (let cluster = clusters + 2; cluster < entries; cluster++) {
    budget.spend();
    if (table.entry(cluster) === 0) continue;
    const offset = fatStart + Math.floor((cluster * type) / 8);
    faults.warning("FAT 1", offset, clause, `entry ${cluster}, behind the last cluster, is not zero`);
    return;
  }
}

function hex(value: number): string {
  return value.toString(16).toUpperCase();
}
