import type { Element } from "@xmldom/xmldom";
import { GUESTINFO } from "./guestinfo.js";
import { element, elementsOf, escapeXml, textOf } from "./vim.js";

/** Whose content the variables hold: `DRIVE/GENERATION`. Outside `guestinfo.`, so that the guest does not see it. */
const MARK = "configdrive.drive";
const MARKED = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/([1-9][0-9]{0,14})$/;

/** What a machine's properties carry. */
export interface Properties {
  /** The drive of ours. */
  readonly drive: { readonly driveId: string; readonly generation: number } | undefined;
  /** A variable that we use and somebody else has set. */
  readonly foreign: string | undefined;
}

/** Reads `config.extraConfig`. A key that was set anew counts by its last value, and an empty one as not there. */
export function readProperties(options: Element | undefined): Properties {
  const values = new Map<string, string>();
  for (const option of options === undefined ? [] : elementsOf(options)) {
    values.set(textOf(option, "key"), textOf(option, "value"));
  }
  const [, driveId, generation] = MARKED.exec(values.get(MARK) ?? "") ?? [];
  const drive = driveId === undefined ? undefined : { driveId, generation: Number(generation) };
  const foreign = drive === undefined ? GUESTINFO.find((name) => (values.get(name) ?? "") !== "") : undefined;
  return { drive, foreign };
}

/** The change of a machine (VirtualMachineConfigSpec) that lets its properties carry a drive, all of it at once. */
export function carrying(driveId: string, generation: number, values: Readonly<Record<string, string>>): string {
  return options({ ...NOTHING, ...values, [MARK]: `${driveId}/${generation}` });
}

/** The change that takes a drive out of them. */
export function carryingNone(): string {
  return options({ ...NOTHING, [MARK]: "" });
}

/** An empty value removes a key (VirtualMachineConfigSpec, `extraConfig`). */
const NOTHING = Object.fromEntries(GUESTINFO.map((name) => [name, ""]));

function options(values: Readonly<Record<string, string>>): string {
  const all = Object.entries(values).map(
    ([key, value]) =>
      `<extraConfig xsi:type="OptionValue">${element("key", key)}<value xmlns:xsd="http://www.w3.org/2001/XMLSchema" xsi:type="xsd:string">${escapeXml(value)}</value></extraConfig>`,
  );
  return `<spec>${all.join("")}</spec>`;
}
