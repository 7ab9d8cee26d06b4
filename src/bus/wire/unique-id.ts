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
  /** Two generations: when the younger is full the elder is forgotten as a whole, which is cheaper than one id at a time. */
  #younger = new Set<string>();
  #elder = new Set<string>();
  readonly #generation: number;

  /** @param capacity how many ids are remembered at least */
  constructor(capacity = 8192) {
    this.#generation = capacity;
  }

  /** Whether this id came before; if not, it is remembered. A message without an id is never a duplicate. */
  isRepeated(id: Json | undefined): boolean {
    if (!isTruthy(id)) return false;
    const key = keyOf(id);
    return this.#elder.has(key) || !this.#remember(key);
  }

  /** Whether this id is remembered. */
  has(id: Json | undefined): boolean {
    if (!isTruthy(id)) return false;
    const key = keyOf(id);
    return this.#younger.has(key) || this.#elder.has(key);
  }

  /** Remembers an id. */
  add(id: Json | undefined): void {
    if (isTruthy(id)) this.#remember(keyOf(id));
  }

  /** Whether the younger generation did not have it. */
  #remember(key: string): boolean {
    const younger = this.#younger;
    const before = younger.size;
    if (younger.add(key).size === before) return false;
    if (younger.size >= this.#generation) {
      this.#elder = younger;
      this.#younger = new Set();
    }
    return true;
  }
}

function keyOf(id: Json | undefined): string {
  const text = typeof id === "string" ? id : `json:${writeJson(id)}`;
  return text.length <= longestKept ? text : createHash("sha256").update(text).digest("base64");
}
