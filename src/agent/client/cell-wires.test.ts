import type { Wire } from "./agent-line.js";
import { CellWires } from "./cell-wires.js";

/** A bus that answers with its own name. */
const bus = (name: string): Wire => ({ call: async () => name });
const ask = (wires: CellWires, server: string) => wires.call({ exchange: "e", topic: "t", server }, "m", {});

test("a call goes to the bus where its host was heard of last", async () => {
  const wires = new CellWires();
  const [first, second] = [bus("first"), bus("second")];
  wires.heard("a", first);
  wires.heard("b", second);
  expect(await ask(wires, "a")).toBe("first");
  expect(await ask(wires, "b")).toBe("second");
  wires.heard("a", second);
  expect(await ask(wires, "a")).toBe("second");
});

test("a host that was never heard of is called nowhere", async () => {
  const wires = new CellWires();
  wires.heard("a", bus("first"));
  await expect(ask(wires, "b")).rejects.toThrow("host b was never heard of");
});
