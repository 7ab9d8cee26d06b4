import { createHash } from "node:crypto";
import type { Json } from "../json.js";
import { writeJson } from "./json.js";
import { isTruthy } from "./python-truth.js";

/** Longer ids than this are remembered by digest: a peer may send any text, and the ring must not hold it all. */
const longestKept = 64;

/**
 * Remembers the last `_unique_id`s and tells a repeated one, so that a request published twice runs once (wire §9).
 * Python remembers 16, which a busy listener outruns within a second.
 */
export class DuplicateRing {
  readonly #seen = new Set<string>();
  readonly #capacity: number;

  /** @param capacity how many ids are remembered */
  constructor(capacity = 8192) {
    this.#capacity = capacity;
  }

  /** Whether this id came before; if not, it is remembered. A message without an id is never a duplicate. */
  isRepeated(id: Json | undefined): boolean {
    if (this.has(id)) return true;
    this.add(id);
    return false;
  }

  /** Whether this id is remembered. */
  has(id: Json | undefined): boolean {
    return isTruthy(id) && this.#seen.has(keyOf(id));
  }

  /** Remembers an id. */
  add(id: Json | undefined): void {
    if (!isTruthy(id)) return;
    this.#seen.add(keyOf(id));
    if (this.#seen.size > this.#capacity) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      return;
    }
  }
}

function keyOf(id: Json | undefined): string {
  const text = typeof id === "string" ? id : `json:${writeJson(id)}`;
  return text.length <= longestKept ? text : createHash("sha256").update(text).digest("base64");
}
