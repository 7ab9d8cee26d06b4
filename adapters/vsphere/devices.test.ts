import { DOMParser } from "@xmldom/xmldom";
import { readHardware, removing, showing } from "./devices.js";

const DRIVE = "0b0e6f6e-5a0e-4c1e-9a53-0c9d8b7f1a11";
const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

function hardware(devices: string, on = true) {
  const text = `<val ${XSI}>${devices}</val>`;
  return readHardware(new DOMParser().parseFromString(text, "text/xml").documentElement ?? undefined, on);
}

const ide = '<VirtualDevice xsi:type="VirtualIDEController"><key>200</key></VirtualDevice>';
const ahci = '<VirtualDevice xsi:type="vim25:VirtualAHCIController"><key>15000</key></VirtualDevice>';
const cdrom = (file: string, connected = true) =>
  `<VirtualDevice xsi:type="VirtualCdrom"><key>16000</key><backing xsi:type="VirtualCdromIsoBackingInfo"><fileName>${file}</fileName></backing>` +
  `<connectable><startConnected>true</startConnected><connected>${connected}</connected></connectable><controllerKey>15000</controllerKey><unitNumber>0</unitNumber></VirtualDevice>`;

test("free places are those of SATA and then of IDE that no device has", () => {
  const { free } = hardware(ide + ahci + cdrom("[ds] other.iso"));
  expect(free).toHaveLength(29 + 2);
  expect(free[0]).toEqual({ bus: "sata", controllerKey: 15000, unit: 1 });
  expect(free.at(-1)).toEqual({ bus: "ide", controllerKey: 200, unit: 1 });
  expect(hardware("")).toEqual({ cdroms: [], free: [] });
});

test("a CD-ROM of ours is known by the file that it shows", () => {
  const shows = (file: string) => hardware(cdrom(file)).cdroms[0]?.drive;
  expect(shows(`[my store] configdrive/${DRIVE}/7-ab.iso`)).toEqual({
    path: `configdrive/${DRIVE}/7-ab.iso`,
    datastore: "my store",
    driveId: DRIVE,
    generation: 7,
  });
  for (const other of [
    `[ds] configdrive/${DRIVE}/0-ab.iso`,
    `[ds] configdrive/${DRIVE}/1.iso`,
    `[ds] vm/configdrive/${DRIVE}/1-ab.iso`,
    "[ds] a.iso",
    "",
  ]) {
    expect(shows(other)).toBeUndefined();
  }
});

test("what counts as connected is what is, or what will be at the next start", () => {
  expect(hardware(cdrom("[ds] a.iso", false), true).cdroms[0]?.connected).toBe(false);
  expect(hardware(cdrom("[ds] a.iso", false), false).cdroms[0]?.connected).toBe(true);
});

test("names are escaped where they become XML", () => {
  const at = { key: -1, controllerKey: 200, unit: 0 };
  const spec = showing("add", at, { datastore: "a<b>&c", path: `configdrive/${DRIVE}/1-ab.iso` });
  expect(spec).toContain(`<fileName>[a&#60;b&#62;&#38;c] configdrive/${DRIVE}/1-ab.iso</fileName>`);
  expect(spec).not.toContain("deviceInfo");
  expect(removing({ ...at, key: 9, connected: true, drive: undefined })).toContain("<key>9</key>");
});
