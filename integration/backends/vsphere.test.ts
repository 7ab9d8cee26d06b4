import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { VsphereHypervisor } from "#adapters/vsphere/adapter.js";
import { buildVcsim, Vcsim, type VcsimMachine, type VcsimReach } from "#integration/rigs/vcsim.js";
import { until } from "#integration/rigs/wait.js";
import { put, seen, wait } from "../adapters/case.js";
import { sampleBlob, sampleIso, twoGenerations } from "../adapters/sample-image.js";
import { openOn } from "./vsphere-backend.js";

const SATA = { kind: "cdrom", bus: "sata" } as const;
const PATIENT = { answerMs: 30_000, unplugMs: 60_000 };

let vcsim: Vcsim;
let machine: VcsimMachine;
let vsphere: VsphereHypervisor;
let images: string;

beforeAll(() => buildVcsim(), 600_000);
beforeAll(async () => {
  vcsim = await Vcsim.start();
  images = join(vcsim.directory, "images");
  await mkdir(images);
  vsphere = openOn(vcsim.reach, PATIENT);
}, 60_000);
afterAll(async () => {
  await vsphere?.close();
  await vcsim?.[Symbol.asyncDispose]();
}, 60_000);
beforeEach(async () => {
  machine = await vcsim.machine();
  await machine.powerOn();
}, 60_000);
// Whatever a case did: no device, no file, no folder stays behind.
afterEach(async () => {
  for (const { driveId, deviceName } of (await vsphere.observe(machine.id, wait())) ?? []) {
    await vsphere.detach(machine.id, driveId, { ...SATA, name: deviceName, reason: "" }, true, wait());
  }
  expect(await machine.media()).toEqual([]);
  expect(await vcsim.kept()).toEqual([]);
  await machine[Symbol.asyncDispose]();
}, 60_000);

/** The adapter with something else in what it is told. */
async function using(
  change: Partial<VcsimReach>,
  work: (hypervisor: VsphereHypervisor) => Promise<void>,
): Promise<void> {
  const { caFile, ...rest } = vcsim.reach;
  const reach = "thumbprint" in change ? { ...rest, ...change } : { ...vcsim.reach, ...change };
  const hypervisor = openOn(reach, PATIENT);
  try {
    await work(hypervisor);
  } finally {
    await hypervisor.close();
  }
}

test("a machine that is on takes a drive at SATA only, one that is off at IDE too", async () => {
  await using ide = await vcsim.machine({ sata: false });
  const image = await sampleIso(images, randomUUID(), 1);
  const off = await put(vsphere, ide.id, image, {});
  expect(off).toMatchObject({ kind: "cdrom", bus: "ide", name: `configdrive/${image.driveId}` });
  await ide.powerOn();
  expect(await ide.media()).toEqual([image.sha256]);
  await expect(vsphere.choose(ide.id, image, {}, wait())).rejects.toMatchObject({
    reason: "BUS_NOT_AVAILABLE",
    message: expect.stringContaining("a machine that is on takes nothing at IDE; nothing would work"),
  });
  await expect(vsphere.choose(machine.id, image, { bus: "ide" }, wait())).rejects.toMatchObject({
    reason: "BUS_NOT_AVAILABLE",
    message: expect.stringContaining("would work: cdrom on sata"),
  });
  await vsphere.detach(ide.id, image.driveId, off, false, wait());
});

test("what cannot be a CD is refused, with what would work", async () => {
  const blob = await sampleBlob(images, randomUUID(), 1);
  const refused = { reason: "BUS_NOT_AVAILABLE" };
  await expect(vsphere.choose(machine.id, blob, {}, wait())).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining("this one has 154112 bytes; would work: 155648 bytes"),
  });
  const iso = await sampleIso(images, randomUUID(), 1);
  await expect(vsphere.choose(machine.id, iso, { kind: "disk" }, wait())).rejects.toMatchObject(refused);
  await expect(vsphere.choose(machine.id, iso, { bus: "virtio" }, wait())).rejects.toMatchObject(refused);
});

test("a datastore that is full: nothing is placed, and the guest keeps what it has", async () => {
  const [first, second] = await twoGenerations(images, randomUUID());
  const device = await put(vsphere, machine.id, first, SATA);
  await vcsim.tell("room", 1000);
  const full = {
    reason: "STORAGE_FULL",
    message: expect.stringMatching(/LocalDS_0 has 1000 bytes free.*would work: room there/),
  };
  await expect(vsphere.refresh(machine.id, second, device, false, wait())).rejects.toMatchObject(full);
  const other = await sampleIso(images, randomUUID(), 1);
  await expect(put(vsphere, machine.id, other, SATA)).rejects.toMatchObject(full);
  expect(await machine.media()).toEqual([first.sha256]);
  expect(await vcsim.kept()).toEqual([first.driveId, expect.stringMatching(`^${first.driveId}/1-[0-9a-f-]{36}.iso$`)]);
  await vcsim.tell("room", 1_000_000_000);
});

test.each([
  ["datacenter", { datacenter: "DC7" }, "no datacenter DC7"],
  ["datastore", { datastore: "LocalDS_7" }, "no datastore LocalDS_7; it has: LocalDS_0"],
])("a %s that vCenter does not have is told", async (_what, change, told) => {
  const image = await sampleIso(images, randomUUID(), 1);
  await using(change, async (hypervisor) => {
    const reason = "HYPERVISOR_FAILED";
    const message = expect.stringContaining(told);
    await expect(put(hypervisor, machine.id, image, SATA)).rejects.toMatchObject({ reason, message });
  });
});

test("a task that somebody began on the machine is waited for", async () => {
  const image = await sampleIso(images, randomUUID(), 1);
  const device = await vsphere.choose(machine.id, image, SATA, wait());
  await vcsim.tell("busy", machine.reference.value, 60_000);
  const hasty = openOn(vcsim.reach, { ...PATIENT, unplugMs: 300 });
  await expect(hasty.attach(machine.id, image, device, wait())).rejects.toMatchObject({
    reason: "HYPERVISOR_UNREACHABLE",
    message: expect.stringContaining("is still running after 300 ms"),
  });
  await hasty.close();
  expect(await machine.media()).toEqual([]);
  await vcsim.tell("busy", machine.reference.value, 1500);
  await vsphere.attach(machine.id, image, device, wait());
  expect(await machine.media()).toEqual([image.sha256]);
}, 90_000);

test("a caller who gives up before anything is placed leaves nothing, and the drive can come", async () => {
  const image = await sampleIso(images, randomUUID(), 1);
  const device = await vsphere.choose(machine.id, image, SATA, wait());
  // At 150 ms a call, the upload is the eighth: by then both have given up, however slow the machine is.
  for (const ms of [300, 700]) {
    await vcsim.tell("delay", 150);
    await expect(vsphere.attach(machine.id, image, device, wait(ms))).rejects.toMatchObject({
      reason: "DEADLINE_EXCEEDED",
    });
    await vcsim.tell("delay", 0);
    expect([await machine.media(), await vcsim.kept()]).toEqual([[], []]);
  }
  await vsphere.attach(machine.id, image, device, wait());
  expect(await machine.media()).toEqual([image.sha256]);
}, 90_000);

test("an answer of a proxy in between, such as 503 and 429, is told; the next step goes through", async () => {
  const image = await sampleIso(images, randomUUID(), 1);
  const device = await put(vsphere, machine.id, image, SATA);
  for (const status of [503, 429, 412]) {
    await vcsim.tell("status", status);
    await expect(vsphere.observe(machine.id, wait())).rejects.toMatchObject({
      reason: "HYPERVISOR_UNREACHABLE",
      message: expect.stringContaining(`with status ${status}`),
    });
  }
  expect(await seen(vsphere, machine.id)).toEqual({ [image.driveId]: 1 });
  await vsphere.detach(machine.id, image.driveId, device, false, wait());
});

test("the certificate counts: by who vouches for it, or by its thumbprint", async () => {
  const { fingerprint256 } = await vcsim.certificate();
  await using({ thumbprint: fingerprint256 }, async (hypervisor) => {
    expect(await seen(hypervisor, machine.id)).toEqual({});
  });
  const refused = (text: string) => ({ reason: "HYPERVISOR_UNREACHABLE", message: expect.stringContaining(text) });
  await using({ thumbprint: "00".repeat(32) }, async (hypervisor) => {
    await expect(hypervisor.observe(machine.id, wait())).rejects.toMatchObject(refused("not the one of [vsphere]"));
  });
  await using({ caFile: vcsim.certificates.client.certificate }, async (hypervisor) => {
    await expect(hypervisor.observe(machine.id, wait())).rejects.toMatchObject(refused("certificate"));
  });
  await using({ caFile: "/nowhere/ca.pem" }, async (hypervisor) => {
    await expect(hypervisor.observe(machine.id, wait())).rejects.toMatchObject(refused("CA file cannot be read"));
  });
});

test("a session that vCenter ended is opened again", async () => {
  // Longer than a slow machine takes from one call to the next.
  await using short = await Vcsim.start({ idleMs: 5000 });
  await using own = await short.machine();
  const hypervisor = openOn(short.reach, PATIENT);
  expect(await seen(hypervisor, own.id)).toEqual({});
  // A session of nobody's, younger than the adapter's: once it has ended, that one has too.
  const witness = await short.login();
  await until(120_000, "sessions to end", async () => !(await witness.lives()), 11_000);
  expect(await seen(hypervisor, own.id)).toEqual({});
  await hypervisor.close();
}, 180_000);
