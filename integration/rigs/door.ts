/** A JSON value, as the bus carries it. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/**
 * One way in, as a caller has it: method names in snake_case, arguments and results in the contract's JSON form.
 * Both doors answer alike, so that one test serves both.
 */
export interface Door {
  readonly name: "bus" | "gRPC";
  /** Calls a method and gives its result. Throws `CallFailed` when the service refuses. */
  call(method: string, args: object): Promise<{ [name: string]: Json }>;
}

/** What a caller got in place of a result. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
  constructor(
    /** The error table's reason, such as `DRIVE_NOT_FOUND`; empty where the door carries none. */
    readonly reason: string,
    /** The bus: the exception's class as Python names it. gRPC: the status code's name. */
    readonly kind: string,
    message: string,
    /** All that came with it: what the door's library made of the failure. */
    readonly whole: unknown = undefined,
  ) {
    super(message);
  }
}
