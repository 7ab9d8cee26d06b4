import { randomUUID } from "node:crypto";
import { rowsOfDrive } from "#integration/rigs/catalog-view.js";
import { CallFailed } from "#integration/rigs/door.js";
import { driveOf, pendingOf } from "#integration/rigs/drive-answer.js";
import { deviceDigest, deviceGone, deviceWithLabel, fileDigests } from "#integration/rigs/guest-view.js";
import { type AskedFile, askedBytes, askedDigests, novaTree } from "#integration/rigs/nova-tree.js";
import type { Stage } from "./stage.js";
import type { Terminal } from "./terminal.js";

/** The story's first half: a config drive's whole life, asked for over the bus. */
export async function configDriveOverTheBus(terminal: Terminal, stage: Stage): Promise<void> {
  terminal.chapter("A config drive over the bus, as nova would ask for one");
  const { driveId, device, files } = await firstGeneration(terminal, stage);
  terminal.chapter("New content while the guest runs");
  const next = await secondGeneration(terminal, stage, driveId, device, files);
  terminal.chapter("The end of the drive");
  await takenAway(terminal, stage, driveId, next);
}

async function firstGeneration(terminal: Terminal, { client, guest }: Stage) {
  const files = tree(guest.instanceId, "#cloud-config\nhostname: web-1\n# the first boot\n");
  const size = `${files.length} files, ${askedBytes(files).toLocaleString("en")} bytes`;
  const made = await terminal.step(`populate_volume: nova's metadata, ${size}`, async () =>
    driveOf(await client.call("populate_volume", { request_id: randomUUID(), files: { files } })),
  );
  const image = pendingOf(made);
  terminal.detail(`drive ${made.id}, generation ${image.number}`);
  terminal.detail(`${word(image.format)}, ${image.size_bytes.toLocaleString("en")} bytes, sha256 ${image.sha256}`);

  const attached = await terminal.step("attach_drive: the hypervisor shows it to the running guest", async () =>
    driveOf(
      await client.call("attach_drive", {
        request_id: randomUUID(),
        drive_id: made.id,
        instance_id: guest.instanceId,
      }),
    ),
  );
  const { kind, bus, reason } = attached.attachments[0]?.device ?? { kind: "?", bus: "?", reason: "?" };
  terminal.detail(`${word(kind)} on ${word(bus)} (${reason})`);

  const device = await terminal.step("the guest finds the label config-2", () => deviceWithLabel(guest, "config-2"));
  terminal.detail(device);
  await terminal.step("the guest reads the image that the service wrote, bit for bit", async () =>
    same("the image", await deviceDigest(guest, device, image.size_bytes), image.sha256),
  );
  const seen = await terminal.step("the guest mounts it; every file has the sha256 that was asked for", async () =>
    sameFiles(await fileDigests(guest, device), files),
  );
  for (const [path, digest] of seen) terminal.detail(`✓ ${digest.slice(0, 32)}…  ${path}`);
  return { driveId: made.id, device, files };
}

async function secondGeneration(
  terminal: Terminal,
  { client, guest }: Stage,
  driveId: string,
  device: string,
  before: readonly AskedFile[],
): Promise<string> {
  const files = tree(guest.instanceId, "#cloud-config\nhostname: web-1\n# changed while the guest runs\n");
  const made = await terminal.step("populate_volume with the drive's id: generation 2, staged", async () =>
    driveOf(
      await client.call("populate_volume", {
        request_id: randomUUID(),
        drive_id: driveId,
        files: { files },
        when_attached: "WHEN_ATTACHED_STAGE",
      }),
    ),
  );
  const image = pendingOf(made);
  terminal.detail(`pending ${made.pending_generation}, applied ${made.applied_generation}; sha256 ${image.sha256}`);
  await terminal.step("the guest still sees generation 1", async () => {
    sameFiles(await fileDigests(guest, device), before);
  });
  await terminal.step("refresh_drive", async () =>
    driveOf(await client.call("refresh_drive", { request_id: randomUUID(), drive_id: driveId })),
  );
  const changed = await deviceWithLabel(guest, "config-2");
  const seen = await terminal.step("the guest sees the new bytes; every file is as it was asked for", async () => {
    same("the image", await deviceDigest(guest, changed, image.size_bytes), image.sha256);
    return sameFiles(await fileDigests(guest, changed), files);
  });
  const old = askedDigests(before);
  const differing = [...seen].filter(([path, digest]) => old.get(path) !== digest);
  terminal.detail(`${seen.size} files, ${differing.length} of them other than before, such as`);
  for (const path of ["openstack/latest/user_data", "openstack/latest/meta_data.json"]) {
    terminal.detail(`✓ ${seen.get(path)?.slice(0, 32)}…  ${path}`);
  }
  return changed;
}

async function takenAway(terminal: Terminal, { client, guest, service }: Stage, driveId: string, device: string) {
  await terminal.step("detach_drive", () =>
    client.call("detach_drive", { request_id: randomUUID(), drive_id: driveId, instance_id: guest.instanceId }),
  );
  await terminal.step(`the guest sees ${device} go`, () => deviceGone(guest, device));
  const files = await service.filesOfDrive(driveId);
  if (files.length === 0) throw new Error("the drive had no file before it was deleted: the check would prove nothing");
  await terminal.step("delete_drive", () =>
    client.call("delete_drive", { request_id: randomUUID(), drive_id: driveId }),
  );
  await terminal.step("no file and no row is left; get_drive knows it no more", async () => {
    const left = await service.filesOfDrive(driveId);
    if (left.length > 0) throw new Error(`left in ${service.drives}: ${left.join(", ")}`);
    for (const [table, rows] of await rowsOfDrive(service.catalog, driveId)) {
      if (rows !== 0) throw new Error(`${rows} rows left in ${table}`);
    }
    const failure = await client.call("get_drive", { drive_id: driveId }).catch((error: unknown) => error);
    if (!(failure instanceof CallFailed && failure.reason === "DRIVE_NOT_FOUND")) {
      throw new Error(`get_drive of a deleted drive gave ${String(failure)}`);
    }
  });
}

/** The last word of an enum's name: `iso9660` of IMAGE_FORMAT_ISO9660. */
function word(enumName: string): string {
  return enumName.slice(enumName.lastIndexOf("_") + 1).toLowerCase();
}

function tree(instanceId: string, userData: string): AskedFile[] {
  return novaTree({ instanceId, hostname: "web-1", userData });
}

function same(what: string, got: string, asked: string): void {
  if (got !== asked) throw new Error(`${what} has sha256 ${got}, asked for was ${asked}`);
}

/** Throws unless the guest sees exactly the files that were asked for; gives what it sees, by path. */
function sameFiles(seen: ReadonlyMap<string, string>, files: readonly AskedFile[]): Map<string, string> {
  const asked = askedDigests(files);
  for (const [path, digest] of asked) same(path, seen.get(path) ?? "(missing)", digest);
  for (const path of seen.keys())
    if (!asked.has(path)) throw new Error(`the guest sees ${path}, which nobody asked for`);
  return new Map([...seen].sort());
}
