/** Results kept. Then no more are taken: thousands of names of one odd drive would only displace those that all drives have. */
const KEPT = 1000;

/** A function of names that keeps its results: the same few names stand on every drive. */
export function remembered<T>(of: (name: string) => T): (name: string) => T {
  const results = new Map<string, T>();
  return (name) => {
    const known = results.get(name);
    if (known !== undefined) return known;
    const result = of(name);
    if (results.size < KEPT) results.set(name, result);
    return result;
  };
}
