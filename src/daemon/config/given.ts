import type { Assignment } from "./ini.js";

/** What was given for one option: the text, and where it stands. */
export interface Given {
  readonly text: string;
  /** `file:line`, or the environment variable's name. */
  readonly origin: string;
}

/** What files and environment give, by group and name: of several, the last one counts, and the environment over all files. */
export class GivenOptions {
  readonly #groups = new Map<string, Map<string, Given>>();

  /** Takes over assignments, later ones over earlier ones. A dash in a name is an underscore, as oslo.config has it. */
  assign(assignments: readonly Assignment[]): void {
    for (const { group, name, value, origin } of assignments) {
      this.set(group, name.replaceAll("-", "_"), { text: value, origin });
    }
  }

  /**
   * Takes over `OS_<GROUP>__<OPTION>` (oslo_config/sources/_environment.py), which is all in capitals: variables of the
   * groups that we read, no others.
   */
  override(env: Readonly<Record<string, string | undefined>>, groups: Iterable<string>): void {
    for (const group of groups) {
      const prefix = `OS_${group.toUpperCase()}__`;
      for (const [variable, text] of Object.entries(env)) {
        if (text === undefined || !variable.startsWith(prefix)) continue;
        this.set(group, variable.slice(prefix.length).toLowerCase(), { text, origin: variable });
      }
    }
  }

  get(group: string, name: string): Given | undefined {
    return this.#groups.get(group)?.get(name);
  }

  set(group: string, name: string, given: Given): void {
    this.#group(group).set(name, given);
  }

  /** Every group that something was given in. */
  groups(): readonly string[] {
    return [...this.#groups.keys()];
  }

  /** Everything given in a group, by name. */
  all(group: string): ReadonlyMap<string, Given> {
    return this.#groups.get(group) ?? new Map();
  }

  /** The texts given in a group, by name. */
  texts(group: string): Record<string, string> {
    return Object.fromEntries([...this.all(group)].map(([name, { text }]) => [name, text]));
  }

  #group(name: string): Map<string, Given> {
    const known = this.#groups.get(name) ?? new Map<string, Given>();
    this.#groups.set(name, known);
    return known;
  }
}
