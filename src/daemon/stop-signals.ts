/** The parts of a process that tell it to stop, or to read its configuration again. */
export interface SignalSource {
  on(name: "SIGTERM" | "SIGINT" | "SIGHUP", listener: () => void): unknown;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Waits to be told to stop: SIGTERM or SIGINT. The first one is the answer; every further one calls `again`, for a service
 * that is to end at once.
 */
export function stopSignals(source: SignalSource, again: (name: NodeJS.Signals) => void): Promise<NodeJS.Signals> {
  const first = Promise.withResolvers<NodeJS.Signals>();
  let told = false;
  for (const name of SIGNALS) {
    source.on(name, () => {
      if (told) again(name);
      told = true;
      first.resolve(name);
    });
  }
  return first.promise;
}
