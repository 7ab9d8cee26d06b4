/** The time in the service: it stands still where a test says what it is, runs with the machine's otherwise, and is moved on at will. */
export class FakeClock {
  #ahead = 0;

  /** @param standing - where it stands; unset: it runs */
  constructor(private readonly standing?: Date) {}

  readonly now = (): Date => new Date((this.standing?.getTime() ?? Date.now()) + this.#ahead);

  move(milliseconds: number): void {
    this.#ahead += milliseconds;
  }
}
