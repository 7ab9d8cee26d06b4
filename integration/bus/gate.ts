import type { Json, JsonObject } from "#bus/json.js";
import type { IncomingRequest } from "#bus/server/endpoint.js";
import { until } from "../rigs/wait.js";

/** A method that stays in until the test lets it out. */
export class Gate {
  readonly entered: IncomingRequest[] = [];
  readonly #leave: ((value: Json) => void)[] = [];

  readonly method = (args: JsonObject, request: IncomingRequest): Promise<Json> =>
    new Promise((resolve) => {
      this.entered.push(request);
      this.#leave.push(() => resolve(args.value ?? "out"));
    });

  /** Waits until so many requests have come in, ever. */
  async reached(count: number): Promise<void> {
    await until(10_000, `${count} requests in the method`, () => this.entered.length >= count);
  }

  open(): void {
    for (const leave of this.#leave.splice(0)) leave(null);
  }
}
