import { planRaw } from "./raw.js";
import { ImageRefusal } from "./refusal.js";
import { fromBytes } from "./tree.js";

const blob = fromBytes(Buffer.from("#!/bin/sh\n"));

describe("planRaw", () => {
  it("is the blob, never copied, up to a whole sector", () => {
    expect(planRaw(blob)).toEqual({ format: "raw", size: 512, label: undefined, extents: [{ offset: 0, data: blob }] });
    expect(planRaw(blob).extents[0]?.data).toBe(blob);
  });

  it("adds nothing to a blob of whole sectors", () => {
    expect(planRaw(fromBytes(Buffer.alloc(1024, 1))).size).toBe(1024);
  });

  it("takes the asked size, also for an empty blob", () => {
    expect(planRaw(blob, { sizeBytes: 4096 }).size).toBe(4096);
    expect(planRaw(fromBytes(new Uint8Array()), { sizeBytes: 4096 })).toMatchObject({ size: 4096, extents: [] });
  });

  it.each([
    ["a size that cuts the blob", fromBytes(Buffer.alloc(513)), 512, "sizeBytes"],
    ["half a sector", blob, 1000, "sizeBytes"],
    ["a negative size", blob, -512, "sizeBytes"],
    ["nothing at all", fromBytes(new Uint8Array()), undefined, "blob"],
    ["a blob of no known size", { size: Number.NaN, async *read() {} }, 512, "blob"],
  ])("refuses %s", (_, data, sizeBytes, field) => {
    const plan = (): unknown => planRaw(data, sizeBytes === undefined ? {} : { sizeBytes });
    expect(plan).toThrow(ImageRefusal);
    expect(plan).toThrow(expect.objectContaining({ path: field }));
  });
});
