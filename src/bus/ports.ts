/** What the bus asks of its host: a place to log, a clock, identifiers and chance. All are passed in, so that tests rule them. */

/** Structured fields first, then the line: the shape of a pino logger. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A timer that can be stopped; stopping twice, or after it ran, does nothing. */
export interface Timer {
  stop(): void;
}

/** Time in milliseconds since the epoch; `now` never runs backwards. */
export interface Clock {
  now(): number;
  /** Runs `action` once, `milliseconds` from now. */
  after(milliseconds: number, action: () => void): Timer;
}

export interface Ids {
  /** 32 lower-case hexadecimal digits at random: the form of `_unique_id` and `_msg_id`. */
  hex(): string;
}

/** A number in [0, 1). */
export type Random = () => number;
