import { type FatDemand, fittingLayout, layoutOfSize } from "./geometry.js";

const MIB = 2048;

function demandOf(bytes: number, rootEntries = 1): FatDemand {
  return { rootEntries, clusters: (clusterBytes) => Math.ceil(bytes / clusterBytes) };
}

describe("layoutOfSize", () => {
  it("gives nova's 64 MiB as FAT16 with 4 sectors a cluster", () => {
    expect(layoutOfSize(64 * MIB, demandOf(0))).toEqual({
      type: 16,
      sectorsPerCluster: 4,
      reservedSectors: 1,
      fatSectors: 128,
      rootEntries: 512,
      totalSectors: 131072,
      dataSector: 289,
      clusters: 32695,
    });
  });

  it.each([
    [1 * MIB, 12, 1],
    [4 * MIB, 12, 2],
    [16 * MIB, 16, 2],
    [128 * MIB, 16, 4],
    [256 * MIB, 16, 8],
    [512 * MIB, 16, 16],
    [513 * MIB, 32, 8],
    [9000 * MIB, 32, 16],
  ])("makes a volume of %d sectors FAT%d with %d sectors a cluster", (sectors, type, sectorsPerCluster) => {
    expect(layoutOfSize(sectors, demandOf(0))).toMatchObject({ type, sectorsPerCluster, totalSectors: sectors });
  });

  it("keeps away from the borders between the types, whatever the size", () => {
    for (let sectors = 64; sectors < 1100 * MIB; sectors = Math.ceil(sectors * 1.003) + 1) {
      const { type, clusters, fatSectors } = layoutOfSize(sectors, demandOf(0));
      expect(clusters < 4085 ? 12 : clusters < 65525 ? 16 : 32).toBe(type);
      for (const border of [4085, 65525]) expect(Math.abs(clusters - border)).toBeGreaterThanOrEqual(16);
      expect(fatSectors * 512 * 8).toBeGreaterThanOrEqual((clusters + 2) * type);
    }
  });

  it("takes smaller clusters where the usual ones waste too much", () => {
    const small: FatDemand = { rootEntries: 1, clusters: (bytes) => (bytes > 1024 ? 40_000 : 20_000) };
    expect(layoutOfSize(64 * MIB, { rootEntries: 1, clusters: (b) => 20_000 * Math.ceil(1500 / b) }).clusters).toBe(
      32695,
    );
    expect(() => layoutOfSize(64 * MIB, small)).toThrow("needs about");
  });

  it("refuses what does not fit, and 2 TiB", () => {
    expect(() => layoutOfSize(1 * MIB, demandOf(1024 ** 2))).toThrow("sizeBytes");
    expect(() => layoutOfSize(2 ** 32, demandOf(0))).toThrow("sizeBytes");
    expect(() => layoutOfSize(3, demandOf(0))).toThrow("sizeBytes");
  });
});

describe("fittingLayout", () => {
  it("holds the demand in whole blocks of 4 KiB, with less than 4 % of it left over", () => {
    for (const bytes of [0, 1, 512, 70_000, 2_080_000, 4_200_000, 17_000_000, 140_000_000, 3_000_000_000]) {
      const layout = fittingLayout(demandOf(bytes));
      const clusterBytes = layout.sectorsPerCluster * 512;
      expect(layout.clusters * clusterBytes).toBeGreaterThanOrEqual(bytes);
      expect(layout.totalSectors % 8).toBe(0);
      expect((layout.clusters * clusterBytes - bytes) / Math.max(bytes, 1e6)).toBeLessThan(0.04);
    }
  });

  it("gives the root directory as many entries as it needs", () => {
    expect(fittingLayout(demandOf(0, 513)).rootEntries).toBe(528);
  });
});
