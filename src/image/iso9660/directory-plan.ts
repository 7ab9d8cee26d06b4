import type { DirectoryNode, HierarchyNode } from "../hierarchy.js";
import { systemUseOffset } from "./directory-record.js";
import { SECTOR, sectorsFor } from "./sector.js";
import { SectorPacking } from "./sector-packing.js";

/** One record that is planned: its place and length are decided, the extent it points at is not. */
export interface RecordPlan {
  readonly node: HierarchyNode;
  /** Without version. */
  readonly identifier: string;
  /** With version. */
  readonly identifierBytes: number;
  /** LEN-DR. */
  readonly length: number;
  /** Where its continuation stands, bytes from the start of the continuation areas; -1 for none. */
  readonly continuation: number;
  /** Set for a directory. */
  readonly directory: DirectoryPlan | undefined;
}

/** One directory of one of the two hierarchies: plain (with Rock Ridge) or Joliet. */
export class DirectoryPlan {
  /** The root is its own parent (ECMA-119 6.8.2.2). */
  readonly parent: DirectoryPlan;
  /** Place in the path table, from 1 (ECMA-119 6.9.1). */
  number = 0;
  /** In the order of ECMA-119 9.3, without "." and "..". */
  records: readonly RecordPlan[] = [];
  /** Bytes, whole sectors (ECMA-119 6.8.1.3). */
  dataLength = SECTOR;
  /** First sector, once the layout has given it. */
  sector = 0;

  constructor(
    readonly node: DirectoryNode,
    readonly identifier: string,
    readonly identifierBytes: number,
    parent?: DirectoryPlan,
  ) {
    this.parent = parent ?? this;
  }
}

/** The system use of a record: bytes in the record itself, and the continuation (see `RecordPlan`). */
export interface SystemUse {
  readonly bytes: number;
  readonly continuation: number;
}

/** In what the plain and the Joliet hierarchy differ. */
export interface HierarchyForm {
  /** Identifiers without version, for children that ascend by name. */
  identifiers(children: readonly HierarchyNode[]): string[];
  /** Bytes of an identifier, with the version of a file. */
  identifierBytes(identifier: string, isDirectory: boolean): number;
  /** Records ascend by the UTF-16 units of this key. */
  orderKey(identifier: string): string;
  /** System use of a child's record. */
  systemUse(node: HierarchyNode, identifierBytes: number): SystemUse;
  /** System use of "." or "..", in bytes. */
  dotSystemUseBytes(directory: DirectoryPlan, which: "." | ".."): number;
  putIdentifier(b: Uint8Array, o: number, identifier: string, isDirectory: boolean): void;
  /** @param o where the system use of the record begins */
  putSystemUse(b: Uint8Array, o: number, record: RecordPlan): void;
  putDotSystemUse(b: Uint8Array, o: number, directory: DirectoryPlan, which: "." | ".."): void;
}

/** Bytes of a record: always even (ECMA-119 9.1.12, 9.1.13). */
export function recordLength(identifierBytes: number, systemUseBytes: number): number {
  const length = systemUseOffset(identifierBytes) + systemUseBytes;
  return length + (length & 1);
}

/** All directories in the order of the path table: by level, then parent's number, then identifier (ECMA-119 6.9.1). */
export function planDirectories(root: DirectoryNode, form: HierarchyForm): DirectoryPlan[] {
  const plans = [new DirectoryPlan(root, "\0", 1)];
  for (let i = 0; i < plans.length; i++) {
    const directory = plans[i]!;
    directory.number = i + 1;
    planRecords(directory, form);
    const below = directory.records.flatMap((record) => record.directory ?? []);
    below.sort((a, b) => compare(a.identifier, b.identifier));
    plans.push(...below);
  }
  return plans;
}

function planRecords(directory: DirectoryPlan, form: HierarchyForm): void {
  const children = directory.node.children;
  const identifiers = form.identifiers(children);
  const ordered = children.map((node, i) => {
    const identifier = identifiers[i]!;
    return { node, identifier, key: form.orderKey(identifier) };
  });
  ordered.sort((a, b) => compare(a.key, b.key));
  const packing = new SectorPacking();
  packing.place(recordLength(1, form.dotSystemUseBytes(directory, ".")));
  packing.place(recordLength(1, form.dotSystemUseBytes(directory, "..")));
  directory.records = ordered.map(({ node, identifier }): RecordPlan => {
    const isDirectory = node.kind === "directory";
    const identifierBytes = form.identifierBytes(identifier, isDirectory);
    const { bytes, continuation } = form.systemUse(node, identifierBytes);
    const length = recordLength(identifierBytes, bytes);
    packing.place(length);
    return {
      node,
      identifier,
      identifierBytes,
      length,
      continuation,
      directory: isDirectory ? new DirectoryPlan(node, identifier, identifierBytes, directory) : undefined,
    };
  });
  directory.dataLength = sectorsFor(packing.end) * SECTOR;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
