import type { InstanceFacts } from "#layout/config-document.js";
import { begin } from "./begin.js";
import type { DriveRecord } from "./catalog.js";
import { toSpec } from "./content.js";
import { digestibleContent } from "./content-digest.js";
import type { ContentHold } from "./content-store.js";
import type { Dependencies } from "./dependencies.js";
import { type Drive, pendingGeneration } from "./drive.js";
import { checkElsewhere, gather, isInline } from "./gather.js";
import { isSoonWritten, makeDrive } from "./make-drive.js";
import { type Begun, mutate } from "./mutate.js";
import { newDrive, newestNumber, withNewGeneration } from "./new-generation.js";
import { idleDrive } from "./own-drive.js";
import { requireRoom } from "./quota.js";
import { Refusal } from "./refusal.js";
import { render } from "./render.js";
import type { Outcome, Running } from "./running.js";
import type { AskedBytes, Spec } from "./spec.js";
import type { Call, PopulateVolume } from "./use-cases.js";

/**
 * Makes a drive, or the next generation of one, and gives it when its image is in place.
 * All that can be known beforehand is refused before anything is written. Bytes that are elsewhere are brought here before the
 * operation begins: until they are, the drive is as it was, and a fetch that fails, or a service that is killed, leaves it so.
 */
export async function populate(
  deps: Dependencies,
  running: Running,
  request: PopulateVolume,
  call: Call,
): Promise<Outcome> {
  const asked = toSpec(request, deps.limits);
  const fields = { ...fieldsOf(request), ...digestibleContent(request.content) };
  return await mutate(deps, running, "populate", fields, call, async (begun) => {
    using hold = deps.contents.hold();
    const spec = await specOf(deps, request, asked, begun, hold);
    const at = deps.now();
    const plan = spec && render(spec, at, deps.contents);
    const target = await targetOf(deps, request, begun);
    const before = target?.drive ?? fresh(deps, request, begun, at);
    const drive = withNewGeneration(before, asked, request.whenAttached, at);
    const made = spec === undefined ? {} : { spec: { generation: newestNumber(drive), spec } };
    const change = { drive, from: target, mostDrives: deps.limits.drivesPerProject, ...made };
    const isUnknown = target === undefined && request.driveId === "" && !begun.validateOnly;
    if (isUnknown && plan !== undefined && isSoonWritten(plan)) {
      return await makeDrive(deps, running, begun, change, plan);
    }
    return await begin(deps, running, "populate", begun, change);
  });
}

/** The spec with all its bytes at hand; `undefined` where they are elsewhere and nothing is to be done. */
async function specOf(
  deps: Dependencies,
  request: PopulateVolume,
  asked: Spec<AskedBytes>,
  begun: Begun,
  hold: ContentHold,
): Promise<Spec | undefined> {
  const { content } = request;
  if (content.kind === "config_data") {
    const instance = await factsOf(deps, await targetOf(deps, request, begun));
    return toSpec({ ...request, content: { ...content, ...(instance && { instance }) } }, deps.limits);
  }
  if (isInline(content)) return { ...asked, content };
  const { projectId } = begun.request;
  await checkElsewhere(deps, content, projectId);
  await targetOf(deps, request, begun);
  if (begun.validateOnly) return undefined;
  const gathered = await gather(deps, hold, content, projectId, begun.signal);
  return toSpec({ ...request, content: gathered }, deps.limits);
}

/**
 * The drive to write into; `undefined` for a new one. A new one whose first try failed is tried again in the same drive.
 * Refusals: QUOTA_EXCEEDED where there is no room for a new one, before its content is fetched; the commit counts again.
 */
async function targetOf(deps: Dependencies, request: PopulateVolume, begun: Begun): Promise<DriveRecord | undefined> {
  if (request.driveId === "") {
    const { earlierDriveId } = begun;
    const earlier = earlierDriveId === undefined ? undefined : await deps.catalog.find(earlierDriveId);
    if (earlier !== undefined) return await idleDrive(deps, earlier.drive.id, begun);
    const { projectId } = begun.request;
    requireRoom(projectId, await deps.catalog.driveCount(projectId), deps.limits.drivesPerProject);
    return undefined;
  }
  if (request.deleteOnTermination !== undefined) {
    throw new Refusal("INVALID_ARGUMENT", "delete_on_termination: only for a new drive", {
      violations: [{ field: "delete_on_termination", rule: "only for a new drive" }],
    });
  }
  if (request.bornWith !== undefined && (await deps.catalog.find(request.driveId)) === undefined) return undefined;
  const record = await idleDrive(deps, request.driveId, begun);
  const [holder] = record.drive.attachments;
  if (holder !== undefined && request.whenAttached === "refuse") {
    throw new Refusal("DRIVE_ATTACHED", `drive ${request.driveId} is attached to instance ${holder.instanceId}`, {
      metadata: { drive_id: request.driveId, instance_id: holder.instanceId },
    });
  }
  return record;
}

/** What is known of the instance that a drive is for: what its newest content was told, or else who has it. */
async function factsOf(
  { catalog }: Pick<Dependencies, "catalog">,
  target: DriveRecord | undefined,
): Promise<InstanceFacts | undefined> {
  if (target === undefined) return undefined;
  const { drive } = target;
  const spec = await catalog.spec(drive.id, pendingGeneration(drive)?.number ?? 0);
  if (spec?.content.kind === "config_data" && spec.content.instance !== undefined) return spec.content.instance;
  const [holder] = drive.attachments;
  return holder === undefined ? undefined : { id: holder.instanceId };
}

/** A new drive; one that is not to be made has no id. */
function fresh(deps: Dependencies, request: PopulateVolume, begun: Begun, at: Date): Drive {
  const id = request.driveId || (begun.validateOnly ? "" : deps.newId());
  const drive = newDrive(id, begun.request.projectId, request.deleteOnTermination ?? true, at);
  return { ...drive, lastInstanceId: request.bornWith ?? "" };
}

function fieldsOf({ content: _, ...fields }: PopulateVolume) {
  return fields;
}
