import type { ChangeRange, DriveChange, DriveEvent } from "./change.js";
import type { Dependencies } from "./dependencies.js";
import { Refusal } from "./refusal.js";
import type { Running } from "./running.js";
import type { Call, WatchDrives } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/** Most changes that are read at once. */
const batch = 500;

/**
 * Tells of every change to the drives of the caller's project, from now on or from where an earlier watch ended. Several
 * changes to one drive may be told as one; the last is always told, with the drive as it is then. Ends only by a refusal:
 * RESUME_TOKEN_EXPIRED, INVALID_ARGUMENT for what is no token, SHUTTING_DOWN, DEADLINE_EXCEEDED, CANCELLED.
 */
export async function* watch(
  { catalog, now }: Pick<Dependencies, "catalog" | "now">,
  running: Running,
  { driveId, resumeToken }: WatchDrives,
  call: Call,
): AsyncGenerator<DriveEvent, never> {
  const range = await catalog.changeRange();
  let after = resumeToken === "" ? range.newest : numberOf(resumeToken);
  requireKept(range, after);
  yield { kind: "CURRENT", resumeToken: tokenOf(after), driveId: "", at: now() };
  const signal = AbortSignal.any([call.signal, running.draining]);
  for (;;) {
    // Asked for before the changes are read, so that one between the two is not missed.
    const written = catalog.nextWrite();
    const { changes, ...kept } = await catalog.changes(call.projectId, after, batch);
    // A caller who does not read for long may find that changes went meanwhile.
    requireKept(kept, after);
    // After the last of them, others' changes are none of this watch's: it does not grow old with them.
    after = changes.length < batch ? kept.newest : (changes.at(-1)?.number ?? after);
    for (const change of newestOfEach(changes)) {
      if (driveId !== "" && change.driveId !== driveId) continue;
      const drive = change.kind === "DELETED" ? undefined : (await catalog.find(change.driveId))?.drive;
      const { number, ...told } = change;
      // A drive whose id follows from its instance may be gone, and there again in another project.
      const mine = drive?.projectId === call.projectId ? { drive } : {};
      yield { ...told, resumeToken: tokenOf(number), ...mine };
    }
    if (changes.length < batch) await untilAborted(written, signal);
    else signal.throwIfAborted();
  }
}

/** Refuses to go on after a change where one that followed it is no longer known. Refusals: RESUME_TOKEN_EXPIRED. */
function requireKept({ oldest, newest }: ChangeRange, after: number): void {
  if (after <= newest && after >= oldest - 1) return;
  throw new Refusal(
    "RESUME_TOKEN_EXPIRED",
    "the changes after this token are no longer known; list the drives and watch anew",
  );
}

/** One change a drive, the newest; a drive that was made in between is CREATED all the same. In the order of their numbers. */
function newestOfEach(changes: readonly DriveChange[]): readonly DriveChange[] {
  const byDrive = new Map<string, DriveChange>();
  for (const change of changes) {
    const created = change.kind === "CHANGED" && byDrive.get(change.driveId)?.kind === "CREATED";
    byDrive.delete(change.driveId);
    byDrive.set(change.driveId, created ? { ...change, kind: "CREATED" } : change);
  }
  return [...byDrive.values()];
}

/** A token says after which change a watch goes on; callers must not read it. */
function tokenOf(number: number): string {
  return Buffer.from(`change:${number}`).toString("base64url");
}

function numberOf(token: string): number {
  const number = /^change:([0-9]{1,15})$/.exec(Buffer.from(token, "base64url").toString())?.[1];
  if (number !== undefined) return Number(number);
  const rule = "the resume_token of an earlier event";
  throw new Refusal("INVALID_ARGUMENT", `resume_token: must be ${rule}`, {
    violations: [{ field: "resume_token", rule }],
  });
}
