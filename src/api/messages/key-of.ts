/** The key under which a table holds a number; `undefined` where it holds it under none, as for what is unspecified. */
export function keyOf<K extends string>(table: Readonly<Record<K, number>>, value: number): K | undefined {
  for (const key in table) if (table[key] === value) return key;
  return undefined;
}
