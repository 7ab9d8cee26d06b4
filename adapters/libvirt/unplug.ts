import { setTimeout as pause } from "node:timers/promises";
import { Refusal } from "#drive/refusal.js";
import { refusalFromSignal } from "../wait-ended.js";
import { ownDisk } from "./disks.js";
import { hasCode } from "./refusals.js";
import { errorCodes } from "./remote-program.js";
import type { Session, View } from "./session.js";

/** The event can have come before it was listened for. */
const LOOK_AGAIN_MS = 500;

/** Takes a drive's disk from one view and returns once libvirt says that it is gone: by an event, or a description without it. */
export async function unplug(session: Session, view: View, driveId: string): Promise<void> {
  if (view === "config") return await unplugStored(session, driveId);
  await unplugRunning(session, driveId);
}

async function unplugStored(session: Session, driveId: string): Promise<void> {
  const alias = await aliasOf(session, "config", driveId);
  if (alias === undefined) return;
  await ask(session, "config", alias);
  if ((await aliasOf(session, "config", driveId)) !== undefined) throw busy(session, alias, "it is still stored");
}

/**
 * libvirt passes the request on and calls that a success. A guest that does not let go within the session's limit is
 * DEVICE_BUSY: it then still has the disk, and may let it go later, since the request cannot be taken back.
 */
async function unplugRunning(session: Session, driveId: string): Promise<void> {
  const limit = AbortSignal.timeout(session.limits.unplugMs);
  let removed = Promise.withResolvers<void>();
  const gone = new Set<string>();
  using _listening = await session.hearRemovals((alias) => {
    gone.add(alias);
    removed.resolve();
    removed = Promise.withResolvers();
  });
  const { instanceId, requests } = session;
  let asked: string | undefined;
  for (;;) {
    const event = removed.promise;
    // libvirt tells of a disk when it has taken it out of the description.
    const isGone = asked !== undefined && gone.has(asked);
    const alias = isGone ? undefined : await aliasOf(session, "live", driveId);
    if (alias === undefined) {
      if (asked !== undefined) requests.forget(instanceId, asked);
      return;
    }
    if (limit.aborted) throw busy(session, alias, `the guest did not let it go within ${session.limits.unplugMs} ms`);
    asked = alias;
    if (requests.due(instanceId, alias)) await askRunning(session, alias);
    await eventOrPause(session, event, limit);
  }
}

async function eventOrPause(session: Session, event: Promise<void>, limit: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const signal = AbortSignal.any([session.signal, limit, enough.signal]);
  try {
    await Promise.race([event, pause(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined)]);
  } finally {
    enough.abort();
  }
  if (session.signal.aborted) throw refusalFromSignal(session.signal, `taking a disk from ${session.instanceId}`);
}

/** Asks the guest. A request that a caller gives up stays with it. */
async function askRunning(session: Session, alias: string): Promise<void> {
  try {
    await ask(session, "live", alias);
  } catch (error) {
    if (!session.signal.aborted) session.requests.forget(session.instanceId, alias);
    throw error;
  }
}

async function ask(session: Session, view: View, alias: string): Promise<void> {
  try {
    await session.detachDevice(view, alias);
  } catch (error) {
    // It went between the look and the request, or an earlier request is still with the guest.
    const underWay = error instanceof Refusal && error.reason === "DEVICE_BUSY";
    if (!underWay && !hasCode(error, errorCodes.deviceMissing)) throw error;
  }
}

async function aliasOf(session: Session, view: View, driveId: string): Promise<string | undefined> {
  return ownDisk(await session.describe(view), driveId)?.alias;
}

function busy(session: Session, alias: string, why: string): Refusal {
  return new Refusal("DEVICE_BUSY", `instance ${session.instanceId} keeps ${alias}: ${why}`, {
    metadata: { hypervisor: "libvirt", instance_id: session.instanceId, device: alias },
  });
}
