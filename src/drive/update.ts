import { settle } from "./begin.js";
import type { Dependencies } from "./dependencies.js";
import { mutate } from "./mutate.js";
import { idleDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import type { Outcome, Running } from "./running.js";
import type { Call, UpdateDrive } from "./use-cases.js";

/**
 * Changes what a drive is to be, without touching its content or who has it. What is not said stays as it is.
 * Refusals: INVALID_ARGUMENT when nothing is said.
 */
export async function update(deps: Dependencies, running: Running, request: UpdateDrive, call: Call): Promise<Outcome> {
  const { driveId, deleteOnTermination } = request;
  if (deleteOnTermination === undefined) {
    const rule = "say at least one thing to change";
    throw new Refusal("INVALID_ARGUMENT", rule, { violations: [{ field: "delete_on_termination", rule }] });
  }
  return await mutate(deps, running, "update", { ...request }, call, async (begun) => {
    const record = await idleDrive(deps, driveId, begun);
    if (record.drive.deleteOnTermination === deleteOnTermination) return await settle(deps, begun, driveId, record);
    const drive = { ...record.drive, deleteOnTermination, updatedAt: deps.now() };
    return await settle(deps, begun, driveId, record, drive);
  });
}
