import type { DirectoryPlan } from "./directory-plan.js";
import type { FileExtent } from "./file-extents.js";
import { pathTableSize } from "./path-table-data.js";
import { SECTOR, sectorsFor } from "./sector.js";
import { type Place, Structures } from "./structures.js";

/** One volume descriptor and the path tables that it points at. */
export interface HierarchyLayout {
  readonly descriptor: Place;
  /** Bytes. */
  readonly pathTableSize: number;
  readonly pathTableL: Place;
  readonly pathTableM: Place;
}

/** Where everything stands. */
export interface Layout {
  readonly structures: Structures;
  readonly primary: HierarchyLayout;
  readonly joliet: HierarchyLayout;
  readonly terminator: Place;
  readonly continuation: Place;
  /** First sector behind the last data. */
  readonly end: number;
}

/**
 * Gives every structure and every extent its place: descriptors, path tables, plain directories, continuation areas, Joliet
 * directories, file data. Directories get their `place` set, extents their `sector`.
 */
export function layOut(
  plain: readonly DirectoryPlan[],
  joliet: readonly DirectoryPlan[],
  continuationLength: number,
  extents: readonly FileExtent[],
): Layout {
  const structures = new Structures();
  const takeDirectories = (directories: readonly DirectoryPlan[]): void => {
    for (const directory of directories) directory.place = structures.take(directory.recordsLength);
  };
  const takePathTables = (descriptor: Place, directories: readonly DirectoryPlan[]): HierarchyLayout => {
    const size = pathTableSize(directories);
    return { descriptor, pathTableSize: size, pathTableL: structures.take(size), pathTableM: structures.take(size) };
  };

  const descriptors = [structures.take(SECTOR), structures.take(SECTOR), structures.take(SECTOR)] as const;
  const primary = takePathTables(descriptors[0], plain);
  const jolietLayout = takePathTables(descriptors[1], joliet);
  takeDirectories(plain);
  const continuation = structures.take(continuationLength);
  takeDirectories(joliet);
  let end = structures.endSector;
  for (const extent of extents) {
    extent.sector = end;
    end += sectorsFor(extent.data.size);
  }
  return { structures, primary, joliet: jolietLayout, terminator: descriptors[2], continuation, end };
}
