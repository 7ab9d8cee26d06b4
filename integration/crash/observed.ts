import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { FileHypervisor } from "#adapters/file/adapter.js";
import { type Drive, driveState, pendingGeneration } from "#drive/drive.js";
import { callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { ModelDrive } from "./model.js";
import { contentDigest, instances } from "./script.js";

/** A drive as it can be compared: what an attach would show and what is shown, by digest of the true bytes, and to whom. */
export interface DriveView {
  readonly pending: string;
  readonly generation: number | undefined;
  readonly shown: string | undefined;
  readonly instance: string | undefined;
}

/** How the model's drives look. */
export function expectedViews(drives: readonly ModelDrive[]): readonly DriveView[] {
  const digest = (content: number | undefined) => (content === undefined ? undefined : contentDigest(content));
  const views = drives
    .filter(({ gone }) => !gone)
    .map(({ pending, generation, shown, instance }) => ({
      pending: digest(pending) ?? "",
      generation,
      shown: digest(shown),
      instance,
    }));
  return inOrder(views);
}

/** What a directory holds after it was opened and reconciled. */
export interface Observed {
  readonly drives: readonly DriveView[];
  readonly ids: readonly string[];
  /** Everything that should not be: what was refused, left open, left over or half made. */
  readonly faults: readonly string[];
}

/** Opens a directory that nobody has open, reconciles it, and looks at all there is: rows, files and links. */
export async function observed(directory: string): Promise<Observed> {
  const rig = await DriveServiceRig.open(new FileHypervisor(join(directory, "instances")), { directory });
  try {
    const signal = AbortSignal.timeout(20_000);
    const first = await rig.service.reconcile(signal);
    const again = await rig.service.reconcile(signal);
    const faults = first.refusals.map((refusal) => `refused: ${refusal.message}`);
    if (again.ended + again.restored + again.orphans > 0) faults.push(`a second pass found: ${JSON.stringify(again)}`);
    for (const { drive } of await rig.catalog.underWay()) faults.push(`drive ${drive.id} has an open operation`);
    const { drives } = await rig.service.list({ instanceId: "", pageSize: 0, pageToken: "" }, callOf("p1"));
    const files = drives.flatMap(({ id, generations }) => generations.map(({ number }) => `${id}/${number}.img`));
    faults.push(...difference("file", await rig.files(), files));
    const links = drives.flatMap(({ id, attachments }) =>
      attachments.map(({ instanceId }) => `${instanceId}/${id}.img`),
    );
    faults.push(...difference("link", await allLinks(directory), links));
    const views: DriveView[] = [];
    for (const drive of drives) views.push(await viewOf(directory, drive, faults));
    return { drives: inOrder(views), ids: drives.map(({ id }) => id), faults };
  } finally {
    await rig.leave();
  }
}

async function viewOf(directory: string, drive: Drive, faults: string[]): Promise<DriveView> {
  const [attachment] = drive.attachments;
  const state = driveState(drive);
  if (state !== (attachment === undefined ? "AVAILABLE" : "IN_USE")) faults.push(`drive ${drive.id} is ${state}`);
  for (const { number, sha256: recorded } of drive.generations) {
    const bytes = await readFile(join(directory, "images", drive.id, `${number}.img`));
    if (sha256(bytes) !== recorded)
      faults.push(`generation ${number} of drive ${drive.id} is not what the catalog says`);
  }
  const { sha256: pending = "", number: generation } = pendingGeneration(drive) ?? {};
  if (attachment === undefined) return { pending, generation, shown: undefined, instance: undefined };
  const shown = sha256(await readFile(join(directory, "instances", attachment.instanceId, `${drive.id}.img`)));
  return { pending, generation, shown, instance: attachment.instanceId };
}

async function allLinks(directory: string): Promise<readonly string[]> {
  const links = await Promise.all(
    instances.map(async (instance) => {
      const names = await readdir(join(directory, "instances", instance));
      return names.map((name) => `${instance}/${name}`);
    }),
  );
  return links.flat();
}

function difference(what: string, there: readonly string[], wanted: readonly string[]): readonly string[] {
  return [
    ...there.filter((name) => !wanted.includes(name)).map((name) => `${what} ${name} is left over`),
    ...wanted.filter((name) => !there.includes(name)).map((name) => `${what} ${name} is missing`),
  ];
}

function inOrder(views: readonly DriveView[]): readonly DriveView[] {
  return views.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
