import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { VsphereHypervisor } from "#adapters/vsphere/adapter.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { buildVcsim, Vcsim, type VcsimMachine } from "#integration/rigs/vcsim.js";
import { put, seen, wait } from "../adapters/case.js";
import { cidataIso, sampleIso } from "../adapters/sample-image.js";
import { openOn } from "./vsphere-backend.js";

const run = promisify(execFile);
const PROPERTIES = { kind: "properties", bus: "guestinfo" } as const;
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
// Whatever a case did: no device, no file, no variable stays behind.
afterEach(async () => {
  for (const { driveId, deviceName } of (await vsphere.observe(machine.id, wait())) ?? []) {
    await vsphere.detach(machine.id, driveId, { ...PROPERTIES, name: deviceName, reason: "" }, true, wait());
  }
  expect(await machine.options("guestinfo.", "configdrive.")).toEqual({});
  expect([await machine.media(), await vcsim.kept()]).toEqual([[], []]);
  await machine[Symbol.asyncDispose]();
}, 60_000);

/** A NoCloud drive for a host name. */
async function drive(hostname: string, driveId: string = randomUUID(), generation = 1): Promise<PlacedImage> {
  return await cidataIso(images, driveId, generation, {
    "meta-data": `instance-id: ${driveId}\nlocal-hostname: ${hostname}\n`,
    "user-data": `#cloud-config\nhostname: ${hostname}\n`,
    "network-config": "version: 2\nethernets:\n  eth0:\n    dhcp4: true\n",
  });
}

/** What cloud-init reads in the guest. */
async function readByCloudInit(): Promise<unknown> {
  const variables = Object.entries(await machine.options("guestinfo."));
  const env = variables.map(([key, value]) => [`VMX_${key.toUpperCase().replaceAll(".", "_")}`, value]);
  const script = resolve("integration/backends/read-guestinfo.py");
  const { stdout } = await run("/usr/bin/python3", [script], { env: { ...process.env, ...Object.fromEntries(env) } });
  return JSON.parse(stdout);
}

test("cloud-init reads each generation of a drive that properties carry, and nothing once it was taken", async () => {
  const first = await drive("one");
  const device = await put(vsphere, machine.id, first, { kind: "properties" });
  expect(device).toMatchObject({ ...PROPERTIES, name: `configdrive/${first.driveId}` });
  expect(await readByCloudInit()).toEqual({
    metadata: {
      "instance-id": first.driveId,
      "local-hostname": "one",
      network: { config: { version: 2, ethernets: { eth0: { dhcp4: true } } } },
    },
    userdata: "#cloud-config\nhostname: one\n",
    vendordata: null,
  });
  expect(await seen(vsphere, machine.id)).toEqual({ [first.driveId]: 1 });
  await vsphere.attach(machine.id, first, device, wait());
  const second = await drive("two", first.driveId, 2);
  await vsphere.refresh(machine.id, second, device, false, wait());
  expect(await readByCloudInit()).toMatchObject({ userdata: "#cloud-config\nhostname: two\n" });
  expect(await seen(vsphere, machine.id)).toEqual({ [first.driveId]: 2 });
  for (const _ of [1, 2]) await vsphere.detach(machine.id, first.driveId, device, false, wait());
  expect(await machine.options("guestinfo.", "configdrive.")).toEqual({});
  expect(await vcsim.kept()).toEqual([]);
});

test("a machine carries one drive, beside those in CD-ROMs; which device it was is not needed to take it", async () => {
  const [first, other] = [await drive("one"), await drive("other")];
  const device = await put(vsphere, machine.id, first, { bus: "guestinfo" });
  const full = { reason: "BUS_NOT_AVAILABLE", message: expect.stringContaining(`carries drive ${first.driveId}`) };
  await expect(vsphere.choose(machine.id, other, PROPERTIES, wait())).rejects.toMatchObject(full);
  await expect(vsphere.attach(machine.id, other, device, wait())).rejects.toMatchObject(full);
  const cdrom = await put(vsphere, machine.id, other, {});
  expect(cdrom.kind).toBe("cdrom");
  expect(await seen(vsphere, machine.id)).toEqual({ [first.driveId]: 1, [other.driveId]: 1 });
  await vsphere.detach(machine.id, first.driveId, { ...cdrom, name: device.name }, true, wait());
  expect(await seen(vsphere, machine.id)).toEqual({ [other.driveId]: 1 });
  await vsphere.detach(machine.id, other.driveId, cdrom, true, wait());
});

test("variables of somebody else are left as they are", async () => {
  await machine.setOption("guestinfo.userdata", "bWluZQ==");
  await expect(put(vsphere, machine.id, await drive("one"), PROPERTIES)).rejects.toMatchObject({
    reason: "BUS_NOT_AVAILABLE",
    message: expect.stringContaining("somebody else has set guestinfo.userdata; would work: a cdrom"),
  });
  expect(await machine.options("guestinfo.", "configdrive.")).toEqual({ "guestinfo.userdata": "bWluZQ==" });
  await machine.setOption("guestinfo.userdata", "");
});

test("what cloud-init could not read from there is refused before anything is set", async () => {
  const iso = await sampleIso(images, randomUUID(), 1);
  const refused = (message: string) => ({ reason: "BUS_NOT_AVAILABLE", message: expect.stringContaining(message) });
  await expect(vsphere.choose(machine.id, iso, PROPERTIES, wait())).rejects.toMatchObject(refused("layout nocloud"));
  const odd = { kind: "cdrom", bus: "guestinfo" } as const;
  await expect(vsphere.choose(machine.id, iso, odd, wait())).rejects.toMatchObject(refused("no cdrom on guestinfo"));
  expect(await machine.options("guestinfo.", "configdrive.")).toEqual({});
});

test("a machine that is gone has nothing to take", async () => {
  const image = await drive("one");
  const gone = { ...PROPERTIES, name: `configdrive/${image.driveId}`, reason: "" };
  await vsphere.detach(randomUUID(), image.driveId, gone, false, wait());
  await expect(vsphere.choose(randomUUID(), image, PROPERTIES, wait())).rejects.toMatchObject({
    reason: "INSTANCE_NOT_FOUND",
  });
});
