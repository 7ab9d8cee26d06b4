/** The newest of some `major.minor` versions; compared as numbers, as oslo.messaging does. */
export function latest(first: string, others: readonly string[]): string {
  return others.reduce((best, candidate) => (compare(candidate, best) > 0 ? candidate : best), first);
}

function compare(left: string, right: string): number {
  const [leftMajor, leftMinor] = parse(left);
  const [rightMajor, rightMinor] = parse(right);
  return leftMajor - rightMajor || leftMinor - rightMinor;
}

function parse(version: string): [major: number, minor: number] {
  const match = /^(\d+)\.(\d+)$/.exec(version);
  if (match === null) throw new Error(`not a major.minor version: ${JSON.stringify(version)}`);
  return [Number(match[1]), Number(match[2])];
}
