/** The known name that a mistyped one most likely means; `undefined` when none is near. */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  // One slip for a short name, two for a longer one, three for a long one.
  let best = Math.min(3, Math.max(1, Math.floor(given.length / 3)));
  let name: string | undefined;
  for (const candidate of known) {
    const distance = editDistance(given.toLowerCase(), candidate.toLowerCase());
    if (distance > best || (distance === best && name !== undefined)) continue;
    best = distance;
    name = candidate;
  }
  return name;
}

/** Letters to insert, drop, change, or swap with their neighbour, to get from one to the other (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let i = 1; i <= from.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= to.length; j++) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      let distance = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change);
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) distance = Math.min(distance, at(i - 2, j - 2) + 1);
      rows[i]?.push(distance);
    }
  }
  return at(from.length, to.length);
}
