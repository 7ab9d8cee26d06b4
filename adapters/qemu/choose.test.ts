import type { PlacedImage } from "#drive/hypervisor.js";
import { chooseOn } from "./choose.js";
import type { Machine } from "./machine.js";

const iso: PlacedImage = {
  driveId: "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff",
  generation: 1,
  path: "/images/1.iso",
  sizeBytes: 409_600,
  format: "iso9660",
};
const raw: PlacedImage = { ...iso, format: "raw", sizeBytes: 512 };

const pc: Machine = {
  type: "pc-i440fx-7.2-machine",
  scsiBuses: [],
  usbBuses: [],
  rootPorts: [],
  freeRootPorts: [],
  rootBusHotplug: true,
  freeSlot: 31,
};
const q35: Machine = { ...pc, type: "pc-q35-7.2-machine", rootBusHotplug: false };
const scsi = { scsiBuses: ["scsi0.0"] };
const port = { rootPorts: ["rp1"], freeRootPorts: ["rp1"] };

test.each([
  ["an ISO goes into a cdrom where there is a controller", { ...q35, ...scsi, ...port }, iso, {}, "cdrom", "scsi"],
  ["an ISO is a virtio disk otherwise", pc, iso, {}, "disk", "virtio"],
  ["an ISO is a virtio disk behind a root port", { ...q35, ...port }, iso, {}, "disk", "virtio"],
  ["an ISO is a USB disk as the last resort", { ...q35, usbBuses: ["usb.0"] }, iso, {}, "disk", "usb"],
  ["raw bytes are a disk", { ...pc, ...scsi }, raw, {}, "disk", "virtio"],
  ["raw bytes are a SCSI disk without a free slot", { ...q35, ...scsi }, raw, {}, "disk", "scsi"],
  ["a FAT image is a disk", { ...pc, ...scsi }, { ...iso, format: "vfat" }, {}, "disk", "virtio"],
  ["a disk that is asked for", { ...pc, ...scsi }, iso, { kind: "disk" }, "disk", "virtio"],
  ["a SCSI disk that is asked for", { ...pc, ...scsi }, iso, { kind: "disk", bus: "scsi" }, "disk", "scsi"],
  ["scsi alone means a cdrom for an ISO", { ...pc, ...scsi }, iso, { bus: "scsi" }, "cdrom", "scsi"],
  [
    "raw bytes in whole sectors as a cdrom",
    { ...pc, ...scsi },
    { ...raw, sizeBytes: 4096 },
    { kind: "cdrom" },
    "cdrom",
    "scsi",
  ],
] as const)("%s", (_, machine, image, wish, kind, bus) => {
  expect(chooseOn(machine, image, wish, "i")).toMatchObject({
    kind,
    bus,
    name: "configdrive-0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff",
  });
});

test.each([
  [
    "a cdrom without a controller",
    pc,
    iso,
    { kind: "cdrom" },
    /no virtio-scsi-pci controller; would work: disk on virtio/,
  ],
  ["a full q35", { ...q35, rootPorts: ["rp1"] }, raw, {}, /every pcie-root-port is taken \(rp1\).*nothing/],
  [
    "a q35 without ports",
    { ...q35, ...scsi },
    raw,
    { bus: "virtio" },
    /needs a pcie-root-port.*would work: disk on scsi/,
  ],
  ["a full pc", { ...pc, freeSlot: undefined }, raw, { bus: "virtio" }, /every PCI slot is taken/],
  ["ide", { ...pc, ...scsi }, iso, { bus: "ide" }, /plugs nothing into ide.*would work: cdrom on scsi/],
  ["a cdrom on virtio", { ...pc, ...scsi }, iso, { kind: "cdrom", bus: "virtio" }, /no cdrom on virtio.*cdrom on scsi/],
  [
    "a cdrom that would cut bytes off",
    { ...pc, ...scsi },
    raw,
    { kind: "cdrom" },
    /2048 bytes only, the image has 512 bytes/,
  ],
  [
    "usb without a controller",
    pc,
    raw,
    { bus: "usb" },
    /no USB controller; would work: disk on virtio \(PCI slot 31\)/,
  ],
] as const)("%s is refused with what would work", (_, machine, image, wish, message) => {
  let refusal: unknown;
  try {
    chooseOn(machine, image, wish, "i");
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toMatchObject({ reason: "BUS_NOT_AVAILABLE", message: expect.stringMatching(message) });
});

test("the reason tells why and where", () => {
  expect(chooseOn({ ...q35, ...scsi }, iso, {}, "i").reason).toBe(
    "iso9660 image: it can be changed while the guest runs; virtio-scsi bus scsi0.0",
  );
  expect(chooseOn(pc, iso, { bus: "virtio" }, "i").reason).toBe("asked for; PCI slot 31");
});
