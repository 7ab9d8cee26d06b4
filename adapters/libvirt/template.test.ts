import type { ShownDrive } from "#drive/launcher.js";
import { DomainTemplate } from "./template.js";

const instance = { id: "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff", name: "vm-1", launchIndex: 1 };
const drive = "3a7f2a30-4f0b-4b8f-8f0a-6a3d1d5f2a11";
const domain = (inside: string, machine = "q35") =>
  `<domain type="kvm"><name>other</name><os><type arch="x86_64" machine="${machine}">hvm</type></os>${inside}</domain>`;
const parse = (template: string) => DomainTemplate.parse({ ...instance, template });

function shown(kind: "cdrom" | "disk", bus: "scsi" | "virtio" | "sata" | "ide"): ShownDrive {
  const image = { driveId: drive, generation: 1, path: "/d/1.img", sizeBytes: 4096, format: "iso9660" } as const;
  return { revision: 1, image, device: { kind, bus, name: "d", reason: "" }, deleteOnTermination: true };
}
function withDrive(template: string, ...device: Parameters<typeof shown>): string {
  const parsed = parse(template);
  parsed.add(shown(...device), { driveId: drive, generation: 1, path: "/d/1.img", uploaded: false });
  return parsed.xml();
}

test("id and name are the instance's, placeholders are filled in, and all else stands", () => {
  const xml = parse(
    domain('<devices><disk><source file="/i/{name}-{launch_index}"/></disk></devices><!-- mine -->'),
  ).xml();
  expect(xml).toContain(`<uuid>${instance.id}</uuid>`);
  expect(xml).toContain("<name>vm-1</name>");
  expect(xml).not.toContain("other");
  expect(xml).toContain('<source file="/i/vm-1-1"/>');
  expect(xml).toContain("<!-- mine -->");
});

test("a drive comes after the disks of its bus, read-only and without a boot order", () => {
  const disk = '<disk type="file" device="disk"><target dev="vda" bus="virtio"/><boot order="1"/></disk>';
  const xml = withDrive(domain(`<devices>${disk}</devices>`), "disk", "virtio");
  expect(xml.indexOf('dev="vdb"')).toBeGreaterThan(xml.indexOf('dev="vda"'));
  expect(xml.match(/<boot /g)).toHaveLength(1);
  expect(xml).toContain("<readonly/>");
});

/** What a template boots from when a drive is in it: order and target, or `nic` for a network card. */
function booted(xml: string): string[] {
  const devices = xml.match(/<(disk|interface)[ >].*?<\/\1>/gs) ?? [];
  return devices
    .flatMap((device) => {
      const order = /<boot order="(\d)"/.exec(device)?.[1];
      return order === undefined ? [] : [`${order} ${/dev="(\w+)"/.exec(device)?.[1] ?? "nic"}`];
    })
    .sort();
}

const VDA = '<disk><target dev="vdb" bus="virtio"/></disk><disk device="disk"><target dev="vda"/></disk>';
const CD_HDC = '<disk device="cdrom"><target dev="hdc" bus="ide"/></disk>';
const CD_SDA = '<disk device="cdrom"><target dev="sda" bus="scsi"/></disk>';
const CD_FIRST = '<boot dev="cdrom"/><boot dev="hd"/>';
const NIC = '<interface type="user"></interface>';

test.each<[string, string, string, string, ...Parameters<typeof shown>]>([
  ["that is the only CD-ROM", VDA, CD_FIRST, "1 vda", "cdrom", "scsi"],
  ["beside the template's CD-ROM", CD_HDC + VDA, CD_FIRST, "1 hdc,2 vda", "cdrom", "ide"],
  ["of a template that says nothing", VDA, "", "1 vda", "disk", "virtio"],
  ["on a bus that comes before that of the first disk", CD_SDA + VDA, "", "1 vda", "disk", "scsi"],
  [
    "of a machine that asks the network first",
    VDA + NIC,
    '<boot dev="network"/><boot dev="hd"/>',
    "1 nic,2 vda",
    "disk",
    "virtio",
  ],
])("a drive %s has no place in the boot order", (_what, devices, boot, order, kind, bus) => {
  const template = domain(`<devices>${devices}</devices>`, "pc").replace("</os>", `${boot}</os>`);
  const xml = withDrive(template, kind, bus);
  expect(booted(xml).join()).toBe(order);
  expect(xml).not.toContain("<boot dev");
});

test("a template that orders its devices, and one that has nothing to boot from, keep what they say", () => {
  const own = '<disk device="disk"><target dev="vda" bus="virtio"/><boot order="3"/></disk>';
  expect(booted(withDrive(domain(`<devices>${own}</devices>`), "cdrom", "scsi"))).toEqual(["3 vda"]);
  const none = domain("<devices/>").replace("</os>", '<boot dev="network"/></os>');
  expect(withDrive(none, "cdrom", "scsi")).toContain('<boot dev="network"/>');
});

test("SCSI drives bring a controller, behind every one that the template or libvirt gives its disks", () => {
  const controllerOf = (devices: string) =>
    /<controller type="scsi" index="(\d+)" model="virtio-scsi"\/><disk.*controller="\1" bus="0" target="0" unit="0"/s.exec(
      withDrive(domain(`<devices>${devices}</devices>`), "cdrom", "scsi"),
    )?.[1];
  expect(controllerOf("")).toBe("0");
  expect(controllerOf('<controller type="scsi" model="virtio-scsi"/>')).toBe("1");
  expect(controllerOf('<controller type="scsi" index="4" model="lsilogic"/>')).toBe("5");
  expect(controllerOf('<disk><target dev="sdg" bus="scsi"/></disk>')).toBe("1");
  expect(controllerOf('<disk><target dev="sdh" bus="scsi"/></disk>')).toBe("2");
  const address = '<address type="drive" controller="2" bus="0" target="0" unit="0"/>';
  expect(controllerOf(`<disk><target dev="sda" bus="scsi"/>${address}</disk>`)).toBe("3");
});

test("several SCSI drives are at one controller", () => {
  const template = parse(domain("<devices/>"));
  for (const path of ["/d/1.img", "/d/2.img"]) {
    template.add(shown("cdrom", "scsi"), { driveId: drive, generation: 1, path, uploaded: false });
  }
  expect(template.xml().match(/<controller/g)).toHaveLength(1);
  expect(template.xml().match(/ unit="\d"/g)).toEqual([' unit="0"', ' unit="1"']);
});

test("a machine's own CD-ROM drive has no address of ours", () => {
  expect(withDrive(domain("<devices/>"), "cdrom", "sata")).toContain('<target dev="sda" bus="sata"/>');
  expect(withDrive(domain("<devices/>", "pc"), "cdrom", "ide")).toContain('<target dev="hda" bus="ide"/>');
});

test.each([
  ["hunter2", "template: must be"],
  ['<domain password="hunter2"', "template: must be XML"],
  ["<network/>", "template: must be a libvirt domain's XML"],
  [domain("<uuid>x</uuid><devices/>"), "template.domain.uuid: is set to the instance's id"],
  [domain(""), "template.domain.devices: is required"],
  ["<domain><devices/></domain>", "template.domain.os.type: is required"],
  [domain("<devices/>", "isapc"), "template.domain.os.type.machine: must be a pc, q35 or virt machine"],
])("%s is refused with its place, and no value of it is repeated", (template, message) => {
  expect(() => parse(template)).toThrow(message);
  expect(() => parse(template)).not.toThrow("hunter2");
});
