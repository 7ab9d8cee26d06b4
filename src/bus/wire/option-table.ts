import type { OptionType } from "./option-type.js";

/** Options by the names that operators write. */
export type OptionTable = Readonly<Record<string, OptionType<unknown>>>;

/** The values of a table's options, each of its own type. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends OptionType<infer Value> ? Value : never;
};

/** What was read from a section: every option's value, which were given, and the names that no option has. */
export interface ReadOptions<Table extends OptionTable> {
  readonly values: OptionValues<Table>;
  /** Names in the section that the table does not know: to be warned of, as an operator's file may be older or newer than we are. */
  readonly unknown: readonly string[];
}

/**
 * Reads a section of an INI file (name to text) with a table.
 * @param renamed old names of options, still read where the new one is absent
 * @throws BusConfigError for a value that its option does not take
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  section: Readonly<Record<string, string>>,
  renamed: Readonly<Record<string, string>> = {},
): ReadOptions<Table> {
  const given = new Map<string, { name: string; text: string }>();
  const unknown: string[] = [];
  for (const [name, text] of Object.entries(section)) {
    const current = Object.hasOwn(renamed, name) ? String(renamed[name]) : name;
    if (!Object.hasOwn(table, current)) unknown.push(name);
    else if (current === name || !given.has(current)) given.set(current, { name, text });
  }
  const values: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(table)) {
    const entry = given.get(name);
    values[name] = entry === undefined ? type.fallback : type.parse(entry.name, entry.text);
  }
  return { values: asValuesOf(table, values), unknown };
}

/** Every name of the table has got the value that its own type parsed; TypeScript cannot follow that through a loop. */
function asValuesOf<Table extends OptionTable>(table: Table, values: Record<string, unknown>): OptionValues<Table> {
  if (!holdsAll(table, values)) throw new Error("an option without a value");
  return values;
}

function holdsAll<Table extends OptionTable>(
  table: Table,
  values: Record<string, unknown>,
): values is Record<string, unknown> & OptionValues<Table> {
  return Object.keys(table).every((name) => Object.hasOwn(values, name));
}
