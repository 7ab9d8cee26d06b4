import { pino } from "pino";
import { Refusal } from "#drive/refusal.js";
import { reconcileOnce } from "./reconciler.js";

const never = new AbortController().signal;
const nothing = { ended: 0, stopped: 0, restored: 0, expired: 0, orphans: 0, forgotten: 0, refusals: [] };

function capture() {
  const lines: { level: number; event: string }[] = [];
  return { lines, logger: pino({}, { write: (line) => lines.push(JSON.parse(line)) }) };
}

test("a pass with nothing to do says nothing; one that did something tells what", async () => {
  const { lines, logger } = capture();
  await expect(reconcileOnce({ reconcile: async () => nothing }, logger, never)).resolves.toBe(true);
  expect(lines).toEqual([]);
  await reconcileOnce({ reconcile: async () => ({ ...nothing, restored: 1 }) }, logger, never);
  expect(lines).toMatchObject([{ event: "reconciled", restored: 1 }]);
});

test("what could not be done is told with its reason, and harms nothing else", async () => {
  const { lines, logger } = capture();
  const refusals = [new Refusal("HYPERVISOR_UNREACHABLE", "no monitor", { metadata: { instance_id: "vm-1" } })];
  await expect(reconcileOnce({ reconcile: async () => ({ ...nothing, refusals }) }, logger, never)).resolves.toBe(true);
  expect(lines).toMatchObject([{ event: "not_reconciled", reason: "HYPERVISOR_UNREACHABLE", instance_id: "vm-1" }]);
});

test("a fault of the service is told with what was thrown", async () => {
  const { lines, logger } = capture();
  const refusals = [new Refusal("INTERNAL", "reconciling failed", { cause: new Error("bug") })];
  await reconcileOnce({ reconcile: async () => ({ ...nothing, refusals }) }, logger, never);
  expect(lines).toMatchObject([{ level: 50, reason: "INTERNAL", err: { message: expect.stringContaining("bug") } }]);
});

test.each([
  ["a catalog that fails", new Refusal("CATALOG_FAILED", "disk I/O error"), false],
  ["a fault", new Error("bug"), true],
])("%s never ends the reconciler", async (_, thrown, answers) => {
  const { lines, logger } = capture();
  const reconcile = async () => {
    throw thrown;
  };
  await expect(reconcileOnce({ reconcile }, logger, never)).resolves.toBe(answers);
  expect(lines).toMatchObject([{ level: 50, event: "not_reconciled", err: { message: thrown.message } }]);
});

test("a pass that was told to stop complains of nothing", async () => {
  const { lines, logger } = capture();
  const reconcile = async (signal: AbortSignal) => {
    signal.throwIfAborted();
    return nothing;
  };
  await expect(reconcileOnce({ reconcile }, logger, AbortSignal.abort())).resolves.toBe(true);
  expect(lines).toEqual([]);
});
