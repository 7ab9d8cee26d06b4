import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import fc from "#integration/rigs/properties.js";
import { type Drive, driveState } from "./drive.js";
import { Refusal } from "./refusal.js";

const instances = ["i1", "i2"] as const;
const drive = fc.nat(2);
const action = fc.oneof(
  fc.record({
    kind: fc.constant("populate" as const),
    drive,
    whenAttached: fc.constantFrom("refuse" as const, "stage" as const, "refresh" as const),
  }),
  fc.record({ kind: fc.constant("attach" as const), drive, instance: fc.constantFrom(...instances) }),
  fc.record({ kind: fc.constant("detach" as const), drive, instance: fc.constantFrom(...instances, "") }),
  fc.record({ kind: fc.constant("refresh" as const), drive }),
  fc.record({ kind: fc.constant("reconcile" as const) }),
  fc.record({
    kind: fc.constant("trouble" as const),
    step: fc.constantFrom("attach" as const, "refresh" as const, "detach" as const, "observe" as const),
    after: fc.boolean(),
  }),
);

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** Refusals that a caller may get only because others are at work too. */
const expected = ["DRIVE_BUSY", "DRIVE_ATTACHED", "ATTACHED_ELSEWHERE", "NOT_ATTACHED", "HYPERVISOR_FAILED"];

test.each([1, 2, 3, 4])("many callers on few drives, seed %i: no lost update, no double attach", async (seed) => {
  const machines = new MachineModel();
  for (const instance of instances) machines.start(instance);
  await using rig = await DriveServiceRig.open(machines);
  const call = callOf("p1", AbortSignal.timeout(60_000));
  const ids: string[] = [];
  for (const text of ["a", "b", "c"]) ids.push((await rig.service.populate(blob(text), call)).id);
  const written = new Map<string, string>();

  const perform = async (one: Action): Promise<void> => {
    if (one.kind === "trouble") return machines.refuse(one.step, "HYPERVISOR_FAILED", { after: one.after });
    if (one.kind === "reconcile") return void (await rig.service.reconcile(call.signal));
    const driveId = ids[one.drive] ?? "";
    const requestId = randomUUID();
    switch (one.kind) {
      case "populate": {
        const result = await rig.service.populate(blob(requestId, { driveId, whenAttached: one.whenAttached }), call);
        const number = result.generations.findLast(({ state }) => state === "READY")?.number ?? 0;
        const key = `${driveId}/${number}`;
        expect(written.get(key)).toBeUndefined();
        written.set(key, requestId);
        return;
      }
      case "attach":
        return void (await rig.service.attach({ requestId, driveId, instanceId: one.instance, host: "" }, call));
      case "detach":
        return void (await rig.service.detach({ requestId, driveId, instanceId: one.instance, force: false }, call));
      case "refresh":
        return void (await rig.service.refresh({ requestId, driveId, force: false }, call));
    }
  };

  const callers = fc.sample(fc.array(action, { minLength: 20, maxLength: 20 }), { seed, numRuns: 8 });
  const answers = await Promise.allSettled(
    callers.map(async (actions) => {
      const reasons: string[] = [];
      for (const one of actions) {
        try {
          await perform(one);
          reasons.push("ok");
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          reasons.push(error.reason);
        }
      }
      return reasons;
    }),
  );
  const reasons = answers.flatMap((answer) => {
    if (answer.status === "rejected") throw answer.reason;
    return answer.value;
  });
  expect(reasons.filter((reason) => reason === "ok").length).toBeGreaterThan(20);
  expect(reasons.filter((reason) => reason !== "ok" && !expected.includes(reason))).toEqual([]);

  machines.mend();
  for (let pass = 0; pass < 2; pass += 1) await rig.service.reconcile(call.signal);
  const drives = await Promise.all(ids.map((id) => rig.service.get(id, call)));
  for (const { id } of drives) await expectNewestKept(rig, id, written);
  for (const instance of instances) expect(machines.seenBy(instance)).toEqual(seenOf(drives, instance));
  expect(drives.map(driveState).every((state) => state === "IN_USE" || state === "AVAILABLE")).toBe(true);
});

/** The pending generation holds what its own caller wrote, and nobody's acknowledged write came after it. */
async function expectNewestKept(rig: DriveServiceRig, id: string, written: ReadonlyMap<string, string>): Promise<void> {
  const pending =
    (await rig.catalog.find(id))?.drive.generations.findLast(({ state }) => state === "READY")?.number ?? 0;
  const spec = await rig.catalog.spec(id, pending);
  const kept = spec?.content.kind === "blob" ? spec.content.bytes : undefined;
  const bytes = kept instanceof Uint8Array ? Buffer.from(kept).toString() : "";
  const wrote = written.get(`${id}/${pending}`);
  if (wrote !== undefined) expect(bytes).toBe(wrote);
  const numbers = [...written.keys()]
    .filter((key) => key.startsWith(id))
    .map((key) => Number(key.slice(id.length + 1)));
  expect(Math.max(0, ...numbers)).toBeLessThanOrEqual(pending);
}

function seenOf(drives: readonly Drive[], instance: string): Readonly<Record<string, number>> {
  const seen = drives.flatMap(({ id, attachments }) =>
    attachments
      .filter(({ instanceId }) => instanceId === instance)
      .map(({ observedGeneration }) => [id, observedGeneration] as const),
  );
  return Object.fromEntries(seen);
}
