import { layOutNocloud } from "./nocloud.js";
import { layOutOpennebula } from "./opennebula.js";
import { layOutOpenstack } from "./openstack.js";
import { layOutOvf } from "./ovf.js";
import type { LaidOut } from "./result.js";

/** Every layout by its name: config data (parsed JSON) in, files and label out. Each throws `LayoutRefusal`. */
export const LAYOUTS = {
  openstack: layOutOpenstack,
  nocloud: layOutNocloud,
  ovf: layOutOvf,
  opennebula: layOutOpennebula,
} as const satisfies Record<string, (document: unknown) => LaidOut>;

/** The name of a layout. */
export type LayoutName = keyof typeof LAYOUTS;

/** Whether a text names a layout. */
export function isLayoutName(text: string): text is LayoutName {
  return Object.hasOwn(LAYOUTS, text);
}
