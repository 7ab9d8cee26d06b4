import { fieldOf, type HierarchyNode } from "../hierarchy.js";
import { ImageRefusal } from "../refusal.js";
import { putAscii, utf8Length } from "../text.js";
import type { DirectoryPlan, HierarchyForm, RecordPlan } from "./directory-plan.js";
import { MAX_RECORD_LENGTH, systemUseOffset } from "./directory-record.js";
import { plainIdentifiers, VERSION_SUFFIX } from "./plain-identifier.js";
import type { RecordingDates } from "./recording-date.js";
import {
  MAX_NAME_BYTES,
  nmLength,
  PX_LENGTH,
  putNm,
  putPx,
  putTf,
  RRIP_1991A,
  S_IFDIR,
  S_IFREG,
  TF_LENGTH,
} from "./rock-ridge.js";
import { SECTOR } from "./sector.js";
import { SectorPacking } from "./sector-packing.js";
import type { Place } from "./structures.js";
import { CE_LENGTH, erLength, putCe, putEr, putSp, SP_LENGTH } from "./susp.js";

/** Entries that every record has. */
const BASE_LENGTH = PX_LENGTH + TF_LENGTH;

/** The hierarchy of the primary volume descriptor: identifiers of d-characters, and Rock Ridge beside them. */
export class PlainForm implements HierarchyForm {
  /** Where the continuation areas stand, once the layout has said it. */
  continuation: Place = { sector: 0, start: 0 };
  readonly #areas = new SectorPacking();
  readonly #erPlace: number;
  readonly #dates: RecordingDates;

  constructor(dates: RecordingDates) {
    this.#dates = dates;
    this.#erPlace = this.#areas.place(erLength(RRIP_1991A));
  }

  /** Bytes of all continuation areas. */
  get continuationLength(): number {
    return this.#areas.end;
  }

  identifiers(children: readonly HierarchyNode[]): string[] {
    return plainIdentifiers(children);
  }

  identifierBytes(identifier: string, isDirectory: boolean): number {
    return isDirectory ? identifier.length : identifier.length + VERSION_SUFFIX.length;
  }

  orderKey(identifier: string): string {
    // A dot is less than every d-character, so this is the order by name, then extension.
    return identifier;
  }

  placeContinuation(node: HierarchyNode, identifierBytes: number): number {
    const nameBytes = utf8Length(node.name);
    if (nameBytes > MAX_NAME_BYTES) {
      const rule = `each part must have at most ${MAX_NAME_BYTES} bytes of UTF-8 (Linux cuts longer Rock Ridge names)`;
      throw new ImageRefusal(fieldOf(node, "path"), rule, nameBytes);
    }
    const nm = nmLength(nameBytes);
    return systemUseOffset(identifierBytes) + BASE_LENGTH + nm <= MAX_RECORD_LENGTH ? -1 : this.#areas.place(nm);
  }

  systemUseBytes(node: HierarchyNode, continuation: number): number {
    return BASE_LENGTH + (continuation < 0 ? nmLength(utf8Length(node.name)) : CE_LENGTH);
  }

  dotSystemUseBytes(directory: DirectoryPlan, which: "." | ".."): number {
    return isRootSelf(directory, which) ? SP_LENGTH + BASE_LENGTH + CE_LENGTH : BASE_LENGTH;
  }

  putIdentifier(b: Uint8Array, o: number, identifier: string, isDirectory: boolean): void {
    putAscii(b, o, identifier);
    if (!isDirectory) putAscii(b, o + identifier.length, VERSION_SUFFIX);
  }

  putSystemUse(b: Uint8Array, o: number, record: RecordPlan): void {
    const node = record.node;
    this.#putBase(b, o, node);
    const nameBytes = utf8Length(node.name);
    if (record.continuation < 0) {
      putNm(b, o + BASE_LENGTH, node.name, nameBytes);
      return;
    }
    putNm(b, this.#putContinuation(b, o + BASE_LENGTH, record.continuation, nmLength(nameBytes)), node.name, nameBytes);
  }

  putDotSystemUse(b: Uint8Array, o: number, directory: DirectoryPlan, which: "." | ".."): void {
    if (!isRootSelf(directory, which)) {
      this.#putBase(b, o, which === "." ? directory.node : directory.parent.node);
      return;
    }
    putSp(b, o);
    this.#putBase(b, o + SP_LENGTH, directory.node);
    const continuation = o + SP_LENGTH + BASE_LENGTH;
    putEr(b, this.#putContinuation(b, continuation, this.#erPlace, erLength(RRIP_1991A)), RRIP_1991A);
  }

  #putBase(b: Uint8Array, o: number, node: HierarchyNode): void {
    const isDirectory = node.kind === "directory";
    const mode = node.mode | (isDirectory ? S_IFDIR : S_IFREG);
    putPx(b, o, mode, isDirectory ? 2 + node.subdirectories : 1, node.uid, node.gid);
    putTf(b, o + PX_LENGTH, node.mtime, this.#dates);
  }

  /** @returns where in the buffer the continuation stands */
  #putContinuation(b: Uint8Array, o: number, place: number, length: number): number {
    putCe(b, o, this.continuation.sector + Math.floor(place / SECTOR), place % SECTOR, length);
    return this.continuation.start + place;
  }
}

function isRootSelf(directory: DirectoryPlan, which: "." | ".."): boolean {
  return which === "." && directory.parent === directory;
}
