/** Thrown where a story ends because somebody asked for it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  constructor(readonly by: string) {
    super(`interrupted by ${by}`);
  }
}

/**
 * Rejects with `Interrupted` at Ctrl-C, SIGTERM (which also comes when make dies), SIGHUP, or when nobody reads the story any
 * more. From then on the signals are ignored: what was started is being stopped.
 */
export function interruption(): Promise<never> {
  const asked = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => reject(new Interrupted(signal)));
    process.stdout.on("error", () => reject(new Interrupted("a closed output")));
  });
  asked.catch(() => undefined);
  return asked;
}
