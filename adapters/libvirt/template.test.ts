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

test("a SCSI drive brings its controller where there is none", () => {
  const own = '<controller type="scsi" index="0" model="virtio-scsi"/>';
  expect(withDrive(domain("<devices/>"), "cdrom", "scsi")).toContain('model="virtio-scsi"');
  expect(withDrive(domain(`<devices>${own}</devices>`), "cdrom", "scsi").match(/<controller/g)).toHaveLength(1);
  const other = '<controller type="scsi" index="0" model="lsilogic"/>';
  expect(withDrive(domain(`<devices>${other}</devices>`), "cdrom", "scsi")).toContain('controller="1"');
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
