import { DuplicateRing } from "./unique-id.js";

describe("duplicate detection (wire §9)", () => {
  test("an id is repeated once it came before, and forgotten once the ring went round", () => {
    const ring = new DuplicateRing(2);
    expect(["a", "a", "b", "c", "a"].map((id) => ring.isRepeated(id))).toEqual([false, true, false, false, true]);
    for (const id of ["d", "e", "f"]) ring.add(id);
    expect(["a", "f"].map((id) => ring.has(id))).toEqual([false, true]);
  });

  test.each([1, 2, 3])(
    "an id that comes twice in a row is repeated, wherever in a ring of %d it stands",
    (capacity) => {
      const ring = new DuplicateRing(capacity);
      const ids = ["a", "a", "b", "b", "c", "c", "d", "d"];
      expect(ids.map((id) => ring.isRepeated(id))).toEqual(ids.map((_, index) => index % 2 === 1));
    },
  );

  test("a message without an id is never a duplicate", () => {
    const ring = new DuplicateRing();
    for (const id of [undefined, null, "", undefined, null, ""]) expect(ring.isRepeated(id)).toBe(false);
  });

  test("ids of any type and length are told apart", () => {
    const ring = new DuplicateRing();
    const long = "x".repeat(100_000);
    const ids = [1, "1", [1], { a: 1 }, { a: 2 }, long, `${long}y`];
    expect(ids.map((id) => ring.isRepeated(id))).toEqual(ids.map(() => false));
    expect(ids.map((id) => ring.isRepeated(id))).toEqual(ids.map(() => true));
  });
});
