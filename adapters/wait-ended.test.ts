import { Refusal } from "#drive/refusal.js";
import { refusalFromSignal } from "./wait-ended.js";

test("a wait ends with the refusal of its signal, as late, or as given up", () => {
  const refusal = new Refusal("SHUTTING_DOWN", "stop");
  expect(refusalFromSignal(AbortSignal.abort(refusal), "x")).toBe(refusal);
  expect(refusalFromSignal(AbortSignal.abort(new DOMException("", "TimeoutError")), "x")).toMatchObject({
    reason: "DEADLINE_EXCEEDED",
  });
  expect(refusalFromSignal(AbortSignal.abort(), "x")).toMatchObject({ reason: "CANCELLED" });
});
