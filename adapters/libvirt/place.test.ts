import type { DeviceBus, DeviceKind } from "#drive/drive.js";
import type { Choosable } from "../choice.js";
import { diskXml } from "./device-xml.js";
import { parseDescription } from "./domain-xml.js";
import { placesOf, placesToChoose, slotFor, whyNoPlace } from "./place.js";

const drive = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const domain = (devices: string, features = "<acpi/>") =>
  parseDescription(`<domain type="kvm"><features>${features}</features><devices>${devices}</devices></domain>`);
const scsi = '<controller type="scsi" index="1" model="virtio-scsi"/>';
const disk = (target: string, unit: number) =>
  `<disk type="file" device="disk"><target dev="${target}" bus="scsi"/><address type="drive" controller="1" unit="${unit}"/></disk>`;
const forms = (devices: string, features?: string) =>
  placesOf([domain(devices, features)]).map(({ kind, bus }) => `${kind} ${bus}`);

test("a bare domain has no place, and says why", () => {
  const bare = [domain("")];
  expect(placesOf(bare)).toEqual([]);
  expect(whyNoPlace(bare, "cdrom", "scsi")).toBe("the domain has no virtio-scsi controller");
  expect(whyNoPlace(bare, "disk", "usb")).toBe("the domain has no USB controller");
  expect(whyNoPlace(bare, "disk", "ide")).toContain("plugs no disk into ide");
});

test("controllers make places", () => {
  expect(forms(scsi)).toEqual(["cdrom scsi", "disk scsi"]);
  expect(forms('<controller type="usb" index="0" model="qemu-xhci"/>')).toEqual(["disk usb"]);
  expect(forms('<controller type="usb" index="0" model="none"/>')).toEqual([]);
  expect(forms('<controller type="scsi" index="0" model="lsilogic"/>')).toEqual([]);
});

test("pc takes a virtio disk in a free slot and with ACPI; q35 at a free root port", () => {
  const pc = '<controller type="pci" index="0" model="pci-root"/>';
  expect(forms(pc)).toEqual(["disk virtio"]);
  expect(forms(pc, "")).toEqual([]);
  expect(whyNoPlace([domain(pc, "")], "disk", "virtio")).toContain("without ACPI");
  const slot = (n: number) => `<rng><address type="pci" bus="0x00" slot="0x${n.toString(16)}"/></rng>`;
  expect(forms(pc + Array.from({ length: 31 }, (_, i) => slot(i + 1)).join(""))).toEqual([]);

  const root = '<controller type="pci" index="0" model="pcie-root"/>';
  const port =
    '<controller type="pci" index="1" model="pcie-root-port"><address type="pci" bus="0x00" slot="0x02"/></controller>';
  expect(forms(root)).toEqual([]);
  expect(forms(root + port)).toEqual(["disk virtio"]);
  expect(forms(`${root}${port}<rng><address type="pci" bus="0x01" slot="0x00"/></rng>`)).toEqual([]);
});

test("a slot is free in the running and in the stored domain, and comes last", () => {
  const both = [domain(scsi + disk("sda", 0) + disk("sdz", 1)), domain(scsi + disk("sdb", 2))];
  expect(slotFor(both, "cdrom", "scsi")).toEqual({
    kind: "cdrom",
    bus: "scsi",
    target: "sdaa",
    scsi: { controller: 1, unit: 3 },
  });
  expect(slotFor(both, "disk", "virtio")).toMatchObject({ target: "vda", scsi: undefined });
});

test.each<[string, string, string, string, DeviceKind, DeviceBus, boolean]>([
  ["the only CD-ROM, where those come first", "cdrom,hd", "", "vda", "cdrom", "scsi", true],
  ["the only CD-ROM, where disks come first", "hd,cdrom", "", "vda", "cdrom", "scsi", false],
  ["the only CD-ROM of a domain with nothing else", "cdrom,hd", "", "", "cdrom", "scsi", false],
  ["a CD-ROM behind another one", "cdrom,hd", "sda", "vda", "cdrom", "scsi", false],
  ["a disk on the bus of a CD-ROM that comes before the disk", "hd", "sda", "vda", "disk", "scsi", true],
  ["a disk on a bus of its own", "hd", "hdc", "vda", "disk", "scsi", false],
  ["a disk behind the disk", "hd", "sda", "vda", "disk", "virtio", false],
  ["where devices have an order of their own", "", "sda", "vda", "disk", "scsi", false],
])("%s: booted first or not", (_what, boots, cdroms, disks, kind, bus, isFirst) => {
  const each = (names: string, device: string) =>
    names
      .split(",")
      .filter((name) => name !== "")
      .map((name) => {
        const own = name.startsWith("s") ? "scsi" : name.startsWith("h") ? "ide" : "virtio";
        return `<disk device="${device}"><target dev="${name}" bus="${own}"/></disk>`;
      })
      .join("");
  const os = boots.split(",").map((boot) => (boot === "" ? "" : `<boot dev="${boot}"/>`));
  const description = parseDescription(
    `<domain><os>${os.join("")}</os><features><acpi/></features><devices>${scsi}<controller type="pci" model="pci-root"/>${each(cdroms, "cdrom")}${each(disks, "disk")}</devices></domain>`,
  );
  const isIn = (places: readonly Choosable[]) => places.some((place) => place.kind === kind && place.bus === bus);
  expect(isIn(placesOf([description]))).toBe(true);
  expect(isIn(placesToChoose([description]))).toBe(!isFirst);
  if (isFirst) expect(whyNoPlace([description], kind, bus)).toContain(`would boot from a ${kind} on ${bus} first`);
});

test("a disk that is written is read again, whatever its path is called", () => {
  const path = `/images/a & "b" <c>'s.iso`;
  const slot = slotFor([domain(scsi)], "cdrom", "scsi");
  const [read] = domain(diskXml(slot, { driveId: drive, generation: 3, path, uploaded: false })).disks;
  expect(read).toMatchObject({
    device: "cdrom",
    bus: "scsi",
    target: "sda",
    file: path,
    scsi: { controller: 1, unit: 0 },
  });
  expect(read?.drive).toEqual({ driveId: drive, generation: 3 });
});

test.each(["", "<domain>", "<network/>", "no xml"])("%j is no domain", (xml) => {
  expect(() => parseDescription(xml)).toThrow(expect.objectContaining({ reason: "HYPERVISOR_FAILED" }));
});

test("a tray that the guest has opened is seen, and no other", () => {
  const cdrom = (tray: string) => `<disk type="file" device="cdrom"><target dev="sda" bus="scsi"${tray}/></disk>`;
  const { disks } = domain(cdrom(' tray="open"') + cdrom(' tray="closed"') + cdrom(""));
  expect(disks.map(({ trayOpen }) => trayOpen)).toEqual([true, false, false]);
});
