import { randomUUID } from "node:crypto";
import { Sample } from "#bench/sample.js";
import { blob, callOf, type DriveServiceRig } from "#integration/rigs/drive-service.js";

const content = blob("x".repeat(2000)).content;
const call = () => callOf("bench", AbortSignal.timeout(600_000));

/** Makes a drive of 2,000 bytes. */
export async function populate({ service }: DriveServiceRig): Promise<string> {
  return (await service.populate(blob("", { content }), call())).id;
}

/** One drive's life on an instance of its own: populate, attach, detach, delete. */
export async function cycle(rig: DriveServiceRig, instanceId: string): Promise<void> {
  const { service } = rig;
  const driveId = await populate(rig);
  const named = () => ({ requestId: randomUUID(), driveId });
  await service.attach({ ...named(), instanceId, host: "" }, call());
  await service.detach({ ...named(), instanceId, force: false }, call());
  await service.delete(named(), call());
}

/** What many cycles with some in flight took. */
export interface Cycles {
  readonly perSecond: number;
  /** Milliseconds of one. */
  readonly times: Sample;
}

/** Runs so many cycles, as many of them at once as said, on instances `i0`, `i1` and so on. */
export async function cyclesInFlight(rig: DriveServiceRig, count: number, inFlight: number): Promise<Cycles> {
  const times = new Sample();
  let left = count;
  const begun = performance.now();
  const worker = async (_: unknown, index: number) => {
    for (; left > 0; ) {
      left -= 1;
      const start = performance.now();
      await cycle(rig, `i${index}`);
      times.add(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { perSecond: (times.count / (performance.now() - begun)) * 1000, times };
}

/** Single calls on a catalog, by name. */
export function singleCalls(rig: DriveServiceRig, driveId: string): ReadonlyMap<string, () => Promise<unknown>> {
  const { service } = rig;
  const update = { driveId, deleteOnTermination: true };
  return new Map<string, () => Promise<unknown>>([
    ["get", () => service.get(driveId, call())],
    ["list of 50", () => service.list({ instanceId: "", pageSize: 50, pageToken: "" }, call())],
    ["list by instance", () => service.list({ instanceId: "i0", pageSize: 0, pageToken: "" }, call())],
    ["update", () => service.update({ ...update, requestId: randomUUID() }, call())],
    ["cycle", () => cycle(rig, "i0")],
  ]);
}
