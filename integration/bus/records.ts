import { inspect } from "node:util";
import type { Logger } from "#bus/ports.js";

/** A log that keeps its lines. */
export class Records implements Logger {
  readonly lines: string[] = [];

  readonly debug = (fields: object, message: string): void => this.#keep("debug", fields, message);
  readonly info = (fields: object, message: string): void => this.#keep("info", fields, message);
  readonly warn = (fields: object, message: string): void => this.#keep("warn", fields, message);
  readonly error = (fields: object, message: string): void => this.#keep("error", fields, message);

  /** How many lines match. */
  count(pattern: RegExp): number {
    return this.lines.filter((line) => pattern.test(line)).length;
  }

  #keep(level: string, fields: object, message: string): void {
    this.lines.push(`${level} ${message} ${inspect(fields, { depth: 4, breakLength: Number.POSITIVE_INFINITY })}`);
  }
}
