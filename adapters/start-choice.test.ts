import { chooseAtStart } from "./start-choice.js";

const image = (format: "iso9660" | "vfat" | "raw", sizeBytes = 4096) => ({ format, sizeBytes });

test.each([
  ["iso9660", "cdrom", "scsi"],
  ["vfat", "disk", "virtio"],
  ["raw", "disk", "virtio"],
] as const)("unasked, %s is a %s on %s on every machine, and says why", (format, kind, bus) => {
  for (const family of ["pc", "q35", "pcie"] as const) {
    expect(chooseAtStart(family, image(format), {}, "d")).toMatchObject({ kind, bus, name: "d" });
    expect(chooseAtStart(family, image(format), {}, "d").reason).toContain(`${format} image: `);
  }
});

test("a machine's own CD-ROM drive is SATA on q35 and IDE on pc, and on others there is none", () => {
  expect(chooseAtStart("q35", image("iso9660"), { bus: "sata" }, "d")).toMatchObject({ kind: "cdrom" });
  expect(chooseAtStart("pc", image("iso9660"), { bus: "ide" }, "d")).toMatchObject({ kind: "cdrom" });
  for (const [family, bus] of [
    ["q35", "ide"],
    ["pc", "sata"],
    ["pcie", "ide"],
  ] as const) {
    expect(() => chooseAtStart(family, image("iso9660"), { bus }, "d")).toThrow("would work: cdrom on scsi");
  }
});

test("a CD shows whole sectors only", () => {
  expect(() => chooseAtStart("q35", image("raw", 512), { kind: "cdrom" }, "d")).toThrow("no CD shows 512 bytes whole");
  expect(chooseAtStart("q35", image("raw", 4096), { kind: "cdrom" }, "d")).toMatchObject({
    kind: "cdrom",
    bus: "scsi",
  });
});
