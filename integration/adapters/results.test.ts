import type { Case } from "./case.js";
import { Results } from "./results.js";

const caseOf = (capability: string): Case => ({ title: capability, capability, needs: [], run: async () => undefined });
const [first, second] = [caseOf("attach"), caseOf("detach")];
const kind = { adapter: "a", where: "socket" };
const run = { against: "A 1", date: "2026-01-02", commit: "0123456" };

test("a run of every case proves how often each passed, 0 for one that failed, and on which devices", () => {
  const results = new Results(kind, [first, second]);
  results.begun(first);
  results.passed(first, 2, [
    { kind: "cdrom", bus: "scsi" },
    { kind: "disk", bus: "virtio" },
  ]);
  results.begun(second);
  expect(results.proven(run)).toEqual({
    ...kind,
    ...run,
    devices: "cdrom on scsi, disk on virtio",
    capabilities: { attach: 2, detach: 0 },
  });
});

test("a run of only some cases proves nothing", () => {
  const results = new Results(kind, [first, second]);
  results.begun(second);
  results.passed(second, 2, []);
  expect(results.proven(run)).toBeUndefined();
});
