/**
 * Owns what is started side by side, and stops all of it, last started first, when the scope ends: also what was still
 * starting when something else failed.
 */
export class Scope implements AsyncDisposable {
  private readonly owned: Promise<AsyncDisposable>[] = [];

  /** Takes over something that is being started. */
  own<T extends AsyncDisposable>(starting: Promise<T>): Promise<T> {
    this.owned.push(starting);
    // Whoever needs it awaits it and sees it fail; until then a failure is not an unhandled one.
    starting.catch(() => undefined);
    return starting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const starting of this.owned.reverse()) {
      const started = await starting.catch(() => undefined);
      try {
        await started?.[Symbol.asyncDispose]();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "not everything could be stopped");
  }
}
