import type { HierarchyNode } from "../hierarchy.js";
import { putUcs2 } from "../text.js";
import type { HierarchyForm } from "./directory-plan.js";
import { jolietIdentifiers, jolietOrder } from "./joliet-identifier.js";
import { VERSION_SUFFIX } from "./plain-identifier.js";

/** The hierarchy of the supplementary volume descriptor: identifiers in UCS-2, no system use. */
export class JolietForm implements HierarchyForm {
  /** The identifiers that differ from the names they stand for, as they come up. */
  readonly altered: { readonly path: string; readonly name: string }[] = [];

  identifiers(children: readonly HierarchyNode[]): string[] {
    const identifiers = jolietIdentifiers(children);
    for (let i = 0; i < children.length; i++) {
      const { name, path } = children[i]!;
      const identifier = identifiers[i]!;
      if (identifier !== name) this.altered.push({ path, name: identifier });
    }
    return identifiers;
  }

  identifierBytes(identifier: string, isDirectory: boolean): number {
    return 2 * (isDirectory ? identifier.length : identifier.length + VERSION_SUFFIX.length);
  }

  orderKey(identifier: string): string {
    return jolietOrder(identifier);
  }

  placeContinuation(): number {
    return -1;
  }

  systemUseBytes(): number {
    return 0;
  }

  dotSystemUseBytes(): number {
    return 0;
  }

  putIdentifier(b: Uint8Array, o: number, identifier: string, isDirectory: boolean): void {
    putUcs2(b, o, identifier);
    if (!isDirectory) putUcs2(b, o + 2 * identifier.length, VERSION_SUFFIX);
  }

  putSystemUse(): void {}

  putDotSystemUse(): void {}
}
