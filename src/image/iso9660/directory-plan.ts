import type { DirectoryNode, HierarchyNode } from "../hierarchy.js";
import { systemUseOffset } from "./directory-record.js";
import { SECTOR, sectorsFor } from "./sector.js";
import { SectorPacking } from "./sector-packing.js";
import type { Place } from "./structures.js";

const NOWHERE: Place = { sector: 0, start: 0 };

/** One record that is planned: its place and length are decided, the extent it points at is not. */
export interface RecordPlan {
  readonly node: HierarchyNode;
  /** Without version. */
  readonly identifier: string;
  /** Records ascend by its UTF-16 units. */
  readonly orderKey: string;
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
  /** Bytes up to the end of the last record. */
  recordsLength = 0;
  /** Bytes, whole sectors (ECMA-119 6.8.1.3). */
  dataLength = SECTOR;
  /** Once the layout has given it. */
  place: Place = NOWHERE;

  constructor(
    readonly node: DirectoryNode,
    readonly identifier: string,
    readonly identifierBytes: number,
    parent?: DirectoryPlan,
  ) {
    this.parent = parent ?? this;
  }
}

/** In what the plain and the Joliet hierarchy differ. */
export interface HierarchyForm {
  /** Identifiers without version, for children that ascend by name. */
  identifiers(children: readonly HierarchyNode[]): string[];
  /** Bytes of an identifier, with the version of a file. */
  identifierBytes(identifier: string, isDirectory: boolean): number;
  /** Records ascend by the UTF-16 units of this key. */
  orderKey(identifier: string): string;
  /** Places the continuation of a child's record where it needs one (see `RecordPlan`). */
  placeContinuation(node: HierarchyNode, identifierBytes: number): number;
  /** System use of a child's record itself, in bytes. */
  systemUseBytes(node: HierarchyNode, continuation: number): number;
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
    const first = plans.length;
    for (const record of directory.records) if (record.directory !== undefined) plans.push(record.directory);
    if (plans.length - first > 1 && !ascends(plans, first, identifierOf)) {
      plans.push(...plans.splice(first).sort((a, b) => (a.identifier < b.identifier ? -1 : 1)));
    }
  }
  return plans;
}

function planRecords(directory: DirectoryPlan, form: HierarchyForm): void {
  const children = directory.node.children;
  const identifiers = form.identifiers(children);
  const records: RecordPlan[] = [];
  for (let i = 0; i < children.length; i++) records.push(planRecord(children[i]!, identifiers[i]!, directory, form));
  if (!ascends(records, 0, orderKeyOf)) records.sort((a, b) => (a.orderKey < b.orderKey ? -1 : 1));
  const packing = new SectorPacking();
  packing.place(recordLength(1, form.dotSystemUseBytes(directory, ".")));
  packing.place(recordLength(1, form.dotSystemUseBytes(directory, "..")));
  for (const record of records) packing.place(record.length);
  directory.records = records;
  directory.recordsLength = packing.end;
  directory.dataLength = sectorsFor(packing.end) * SECTOR;
}

function planRecord(node: HierarchyNode, identifier: string, parent: DirectoryPlan, form: HierarchyForm): RecordPlan {
  const isDirectory = node.kind === "directory";
  const identifierBytes = form.identifierBytes(identifier, isDirectory);
  const continuation = form.placeContinuation(node, identifierBytes);
  return {
    node,
    identifier,
    orderKey: form.orderKey(identifier),
    identifierBytes,
    length: recordLength(identifierBytes, form.systemUseBytes(node, continuation)),
    continuation,
    directory: isDirectory ? new DirectoryPlan(node, identifier, identifierBytes, parent) : undefined,
  };
}

const orderKeyOf = (record: RecordPlan): string => record.orderKey;
const identifierOf = (directory: DirectoryPlan): string => directory.identifier;

/** Children come sorted by name, so their identifiers mostly are too. */
function ascends<T>(items: readonly T[], from: number, keyOf: (item: T) => string): boolean {
  for (let i = from + 1; i < items.length; i++) if (keyOf(items[i - 1]!) > keyOf(items[i]!)) return false;
  return true;
}
