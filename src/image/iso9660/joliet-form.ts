import type { HierarchyNode } from "../hierarchy.js";
import { putUcs2 } from "../text.js";
import type { HierarchyForm, SystemUse } from "./directory-plan.js";
import { jolietIdentifiers, jolietOrder } from "./joliet-identifier.js";
import { VERSION_SUFFIX } from "./plain-identifier.js";

const NO_SYSTEM_USE: SystemUse = { bytes: 0, continuation: -1 };

/** The hierarchy of the supplementary volume descriptor: identifiers in UCS-2, no system use. */
export class JolietForm implements HierarchyForm {
  /** The identifiers that differ from the names they stand for, as they come up. */
  readonly altered: { readonly path: string; readonly name: string }[] = [];

  identifiers(children: readonly HierarchyNode[]): string[] {
    const identifiers = jolietIdentifiers(children);
    for (const [i, child] of children.entries()) {
      const name = identifiers[i]!;
      if (name !== child.name) this.altered.push({ path: child.path, name });
    }
    return identifiers;
  }

  identifierBytes(identifier: string, isDirectory: boolean): number {
    return 2 * (isDirectory ? identifier.length : identifier.length + VERSION_SUFFIX.length);
  }

  orderKey(identifier: string): string {
    return jolietOrder(identifier);
  }

  systemUse(): SystemUse {
    return NO_SYSTEM_USE;
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
