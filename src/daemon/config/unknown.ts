import type { BusConfig } from "./bus.js";
import type { GivenOptions } from "./given.js";
import { nearest } from "./nearest.js";
import { options } from "./options.js";
import { secretFileOption } from "./secret-files.js";

/** A name that no option of ours has. */
export interface UnknownName {
  /** A warning where it looks like a mistake of ours; otherwise it belongs to another service that shares the file. */
  readonly level: "warn" | "debug";
  readonly message: string;
}

/** Groups that are the service's alone, so that a name that is unknown in them is a mistake. */
const OWN_GROUPS = new Set(Object.values(options).map(({ group }) => group));
/** Groups that every OpenStack service has: most of what stands in them is others'. */
const SHARED_GROUPS = ["DEFAULT", "keystone_authtoken"];
for (const group of SHARED_GROUPS) OWN_GROUPS.delete(group);

/** Names of `[DEFAULT]` that the bus reads beside our own. */
export const MESSAGING = [
  "control_exchange",
  "executor_thread_pool_size",
  "rpc_ping_enabled",
  "rpc_response_timeout",
  "rpc_thread_pool_size",
];

/**
 * The names given that mean nothing here. In our own groups each is warned of; in shared ones and among the groups only what is
 * near to a name of ours, since an operator's nova.conf is full of others.
 * Without a bus its group goes unread.
 */
export function unknownNames(given: GivenOptions, busGroup: string, bus: BusConfig | undefined): UnknownName[] {
  const found: UnknownName[] = [];
  for (const group of given.groups()) {
    if (group === busGroup) {
      const names = Object.keys(bus?.rabbit ?? {});
      const unread = [...given.all(group).keys()].filter((name) => bus?.unknown.includes(name) !== true);
      found.push(...inGroup(given, group, [...names, ...unread], true));
    } else if (OWN_GROUPS.has(group)) found.push(...inGroup(given, group, namesOf(group), true));
    else if (SHARED_GROUPS.includes(group)) {
      const messaging = group === "DEFAULT" ? MESSAGING : [];
      found.push(...inGroup(given, group, [...namesOf(group), ...messaging], false));
    } else found.push(unknownGroup(given, group));
  }
  return found;
}

function inGroup(given: GivenOptions, group: string, known: readonly string[], own: boolean): UnknownName[] {
  return [...given.all(group)].flatMap(([name, { origin }]): UnknownName[] => {
    if (known.includes(name)) return [];
    const near = nearest(name, known);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    const level = own || near !== undefined ? "warn" : "debug";
    return [{ level, message: `${origin}: [${group}] ${name} is not an option${hint}` }];
  });
}

function unknownGroup(given: GivenOptions, group: string): UnknownName {
  const near = nearest(group, OWN_GROUPS);
  const origin = [...given.all(group).values()][0]?.origin ?? "";
  if (near === undefined) return { level: "debug", message: `${origin}: [${group}] is not ours` };
  return { level: "warn", message: `${origin}: [${group}] is not a group of ours; did you mean [${near}]?` };
}

function namesOf(group: string): string[] {
  return Object.values(options)
    .filter((option) => option.group === group)
    .flatMap(({ name, secret }) => (secret ? [name, secretFileOption(name)] : [name]));
}
