import type { DirectoryPlan } from "./directory-plan.js";
import type { FileExtent } from "./file-extents.js";
import { pathTableSize } from "./path-table-data.js";
import { SECTOR, SYSTEM_AREA_SECTORS, sectorsFor } from "./sector.js";

/** Sectors of one volume descriptor and of the path tables it points at. */
export interface HierarchyLayout {
  readonly descriptor: number;
  /** Bytes. */
  readonly pathTableSize: number;
  readonly pathTableL: number;
  readonly pathTableM: number;
}

/** Where everything stands, in sectors. */
export interface Layout {
  readonly primary: HierarchyLayout;
  readonly joliet: HierarchyLayout;
  readonly terminator: number;
  readonly continuation: number;
  /** First sector of file data: all structures stand before it. */
  readonly data: number;
  /** First sector behind the last data. */
  readonly end: number;
}

/**
 * Gives every structure and every extent its sectors: descriptors, path tables, plain directories, continuation
 * areas, Joliet directories, file data. Directories and extents get their `sector` set.
 */
export function layOut(
  plain: readonly DirectoryPlan[],
  joliet: readonly DirectoryPlan[],
  continuationLength: number,
  extents: readonly FileExtent[],
): Layout {
  let next = SYSTEM_AREA_SECTORS;
  const take = (bytes: number): number => {
    const sector = next;
    next += sectorsFor(bytes);
    return sector;
  };
  const takeDirectories = (directories: readonly DirectoryPlan[]): void => {
    for (const directory of directories) directory.sector = take(directory.dataLength);
  };

  const descriptors = [take(SECTOR), take(SECTOR), take(SECTOR)] as const;
  const takePathTables = (descriptor: number, directories: readonly DirectoryPlan[]): HierarchyLayout => {
    const size = pathTableSize(directories);
    return { descriptor, pathTableSize: size, pathTableL: take(size), pathTableM: take(size) };
  };
  const primaryLayout = takePathTables(descriptors[0], plain);
  const jolietLayout = takePathTables(descriptors[1], joliet);
  takeDirectories(plain);
  const continuation = take(continuationLength);
  takeDirectories(joliet);
  const data = next;
  for (const extent of extents) extent.sector = take(extent.data.size);
  return { primary: primaryLayout, joliet: jolietLayout, terminator: descriptors[2], continuation, data, end: next };
}
