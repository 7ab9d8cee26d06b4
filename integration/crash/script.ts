import { createHash } from "node:crypto";
import fc from "#integration/rigs/properties.js";

/** One call of a script. Drives are named by the order in which the script makes them; `drive` may name one that is gone. */
export type ScriptStep = { readonly requestId: string } & (
  | {
      readonly call: "populate";
      readonly drive: number | undefined;
      readonly content: number;
      readonly whenAttached: "refuse" | "stage" | "refresh";
    }
  | { readonly call: "attach" | "detach"; readonly drive: number; readonly instance: string }
  | { readonly call: "refresh" | "delete"; readonly drive: number }
  | { readonly call: "release"; readonly drive?: undefined; readonly instance: string }
);

export const instances = ["i1", "i2"] as const;

const drive = fc.nat(2);
const instance = fc.constantFrom(...instances);
const requestId = fc.uuid();
const content = fc.nat(0xffff);
const step: fc.Arbitrary<ScriptStep> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      call: fc.constant("populate" as const),
      requestId,
      drive: fc.constant(undefined),
      content,
      whenAttached: fc.constant("refuse" as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.constant("populate" as const),
      requestId,
      drive,
      content,
      whenAttached: fc.constantFrom("refuse" as const, "stage" as const, "refresh" as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ call: fc.constant("attach" as const), requestId, drive, instance }) },
  { weight: 3, arbitrary: fc.record({ call: fc.constant("detach" as const), requestId, drive, instance }) },
  { weight: 2, arbitrary: fc.record({ call: fc.constant("refresh" as const), requestId, drive }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("delete" as const), requestId, drive }) },
);

/** The script of a seed: the same one every time. */
export function scriptOf(seed: number, length: number): readonly ScriptStep[] {
  const [script = []] = fc.sample(fc.array(step, { minLength: length, maxLength: length }), { seed, numRuns: 1 });
  return script;
}

/** A script that goes through every kind of step once: what the sweep over all places of a kill runs. */
export function wholeLife(): readonly ScriptStep[] {
  const id = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
  return [
    { call: "populate", requestId: id(1), drive: undefined, content: 1, whenAttached: "refuse" },
    { call: "attach", requestId: id(2), drive: 0, instance: "i1" },
    { call: "populate", requestId: id(3), drive: 0, content: 2, whenAttached: "stage" },
    { call: "refresh", requestId: id(4), drive: 0 },
    { call: "populate", requestId: id(5), drive: 0, content: 3, whenAttached: "refresh" },
    { call: "detach", requestId: id(6), drive: 0, instance: "i1" },
    { call: "populate", requestId: id(7), drive: undefined, content: 4, whenAttached: "refuse" },
    { call: "delete", requestId: id(8), drive: 0 },
    { call: "attach", requestId: id(9), drive: 1, instance: "i1" },
    { call: "release", requestId: id(10), instance: "i1" },
  ];
}

/** Contents have so many sizes, one after the other. */
const sizes = 14;

/** The call with a content of its own still, but one that is as large as all others: the largest there is. */
export function largest(step: ScriptStep): ScriptStep {
  return step.call === "populate" ? { ...step, content: step.content * sizes + sizes - 1 } : step;
}

/**
 * The bytes of one content: a digest of the rest, then the rest, in whole sectors of a CD. So whoever reads it can tell a whole
 * image from half a one without knowing which it is.
 */
export function contentBytes(content: number): Buffer {
  const sectors = 2 + (content % sizes);
  const rest = Buffer.alloc(sectors * 2048 - 32, `content ${content}\n`);
  return Buffer.concat([createHash("sha256").update(rest).digest(), rest]);
}

/** SHA-256 of all bytes of one content, in hexadecimal. */
export function contentDigest(content: number): string {
  return createHash("sha256").update(contentBytes(content)).digest("hex");
}

/** Whether bytes are a whole image that `contentBytes` made. */
export function isWhole(bytes: Buffer): boolean {
  return bytes.length > 32 && createHash("sha256").update(bytes.subarray(32)).digest().equals(bytes.subarray(0, 32));
}
