import { z } from "zod";
import type { Observation, Wait } from "#drive/hypervisor.js";
import type { ComputePlugin } from "./compute-plugin.js";

const answer = z.object({
  running: z.boolean(),
  drives: z.array(z.object({ drive_id: z.string(), generation: z.int().nonnegative(), device: z.string() })),
});

/** What the instance's own guest has of our drives; `undefined` while it does not run, or runs its rescue system. */
export async function observe(
  plugin: ComputePlugin,
  instanceId: string,
  wait: Wait,
): Promise<readonly Observation[] | undefined> {
  const { running, drives } = answer.parse(await plugin.ask("observe_instance", { instance_id: instanceId }, wait));
  if (!running) return undefined;
  return drives.map(({ drive_id, generation, device }) => ({ driveId: drive_id, generation, deviceName: device }));
}
