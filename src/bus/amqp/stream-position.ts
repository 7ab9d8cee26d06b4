import type { Delivery } from "./delivery.js";

/** Where to go on in a stream queue: at its end at first, then after the last message seen (wire §3.1). */
export class StreamPosition {
  #next: number | undefined;

  /** The arguments for `basic.consume`. */
  consumeArguments(): { "x-stream-offset": "last" | number } {
    return { "x-stream-offset": this.#next ?? "last" };
  }

  passed({ message }: Delivery): void {
    const offset: unknown = message.properties.headers?.["x-stream-offset"];
    if (typeof offset === "number") this.#next = offset + 1;
  }
}
