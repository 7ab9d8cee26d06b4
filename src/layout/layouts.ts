import { layOutNocloud, NOCLOUD_LABEL } from "./nocloud.js";
import { layOutOpennebula, OPENNEBULA_LABEL } from "./opennebula.js";
import { layOutOpenstack, OPENSTACK_LABEL } from "./openstack.js";
import { layOutOvf, OVF_LABEL } from "./ovf.js";
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

/** The label that readers of each layout look for. */
export const LABELS: Readonly<Record<LayoutName, string>> = {
  openstack: OPENSTACK_LABEL,
  nocloud: NOCLOUD_LABEL,
  ovf: OVF_LABEL,
  opennebula: OPENNEBULA_LABEL,
};

/** Whether a text names a layout. */
export function isLayoutName(text: string): text is LayoutName {
  return Object.hasOwn(LAYOUTS, text);
}
