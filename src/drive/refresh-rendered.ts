import { begin } from "./begin.js";
import type { DriveRecord } from "./catalog.js";
import { toSpec } from "./content.js";
import type { Dependencies } from "./dependencies.js";
import { pendingGeneration } from "./drive.js";
import { hostOf } from "./host.js";
import type { Begun } from "./mutate.js";
import { newestNumber, withNewGeneration } from "./new-generation.js";
import { idleDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import { render } from "./render.js";
import { renderedBy } from "./rendered-by.js";
import type { Outcome, Running } from "./running.js";

/**
 * Makes a generation of what the instance's compute manager says now, in the form that the drive has, and shows it. The manager is
 * asked before the operation begins: one that does not answer leaves the drive as it is.
 * Refusals: those of `refresh`, `toSpec` and the Hypervisor port's `render`.
 */
export async function refreshRendered(
  deps: Dependencies,
  running: Running,
  driveId: string,
  force: boolean,
  begun: Begun,
): Promise<Outcome> {
  const { drive: asked } = await idleDrive(deps, driveId, begun);
  const [attachment] = asked.attachments;
  const pending = pendingGeneration(asked);
  if (attachment === undefined || pending === undefined) {
    throw new Refusal("NOT_ATTACHED", `drive ${driveId} is attached to no instance`, {
      metadata: { drive_id: driveId },
    });
  }
  const wait = { signal: AbortSignal.any([begun.signal, AbortSignal.timeout(deps.limits.operationMs)]) };
  const { hypervisor } = hostOf(deps, attachment.host, asked);
  const files = await renderedBy(hypervisor, attachment.instanceId, driveId, wait);
  const { format, label } = pending;
  const sizeBytes = (await deps.catalog.spec(driveId, pending.number))?.sizeBytes ?? 0;
  const content = { kind: "files" as const, files, directories: [] };
  const spec = toSpec({ content, format, label, sizeBytes }, deps.limits);
  const at = deps.now();
  render(spec, at, deps.contents);
  // As it is after the wait.
  const from: DriveRecord = await idleDrive(deps, driveId, begun);
  const drive = withNewGeneration(from.drive, spec, "refresh", at);
  return await begin(deps, running, "refresh", begun, {
    ...{ drive, from, force },
    spec: { generation: newestNumber(drive), spec },
  });
}
