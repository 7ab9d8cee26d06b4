import { isKeptNumber, parseDocument } from "./document.js";
import { LAYOUTS, type LayoutName } from "./layouts.js";
import type { LaidOut } from "./result.js";

/** What is known of the instance that a drive is for, whoever asked for it. */
export interface InstanceFacts {
  readonly id: string;
  readonly name?: string;
  /** Its place among those that were asked for together, from 0 on. */
  readonly launchIndex?: number;
}

/** Config data as it was given, and what is known beside it. */
export interface ConfigDocument {
  readonly layout: LayoutName;
  /** JSON text. */
  readonly json: string;
  readonly instance?: InstanceFacts;
}

/** The field of each layout's data that tells a fact; unset where it has none. */
const FIELDS: Readonly<Record<LayoutName, Readonly<Partial<Record<keyof InstanceFacts, string>>>>> = {
  openstack: { id: "uuid", name: "hostname", launchIndex: "launch_index" },
  nocloud: { id: "instance_id", name: "local_hostname" },
  ovf: { id: "instance_id", name: "hostname" },
  opennebula: { name: "hostname" },
};

/**
 * Config data as files and a label. Fields of the data that a fact can fill and the data leaves out are filled in; what the
 * data says stands. Throws `LayoutRefusal` when it is not JSON or does not fit the layout.
 */
export function layOutDocument({ layout, json, instance }: ConfigDocument): LaidOut {
  const document = parseDocument(json);
  return LAYOUTS[layout](instance === undefined ? document : filledIn(layout, document, instance));
}

/** The fields of the data that hold what differs from one instance to the next, and that the data itself says. */
export function factsSaid({ layout, json }: ConfigDocument): readonly string[] {
  const document = parseDocument(json);
  if (!isRecord(document)) return [];
  return Object.values(FIELDS[layout]).filter((field) => Object.hasOwn(document, field));
}

function filledIn(layout: LayoutName, document: unknown, instance: InstanceFacts): unknown {
  if (!isRecord(document)) return document;
  const { id, name, launchIndex } = FIELDS[layout];
  return {
    ...(id === undefined ? {} : { [id]: instance.id }),
    ...(name === undefined || instance.name === undefined ? {} : { [name]: instance.name }),
    ...(launchIndex === undefined || instance.launchIndex === undefined ? {} : { [launchIndex]: instance.launchIndex }),
    ...document,
  };
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isKeptNumber(value);
}
