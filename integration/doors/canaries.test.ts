import { Canaries } from "./canaries.js";

test("a planted secret is found in each form, wherever it stands, and by its place", () => {
  const canaries = new Canaries();
  const secret = canaries.at("here");
  expect(canaries.at("here")).toBe(secret);
  expect(canaries.at("there")).not.toBe(secret);
  for (const before of ["", "x", "xy", "xyz"]) {
    const text = `${before}${secret}${before}`;
    for (const form of ["utf8", "hex", "base64", "base64url"] as const) {
      expect([form, before, canaries.foundIn(Buffer.from(text).toString(form))]).toEqual([form, before, ["here"]]);
    }
  }
  expect(canaries.foundIn(secret.slice(1))).toEqual([]);
});
