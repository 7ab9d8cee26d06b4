import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { bytesInput } from "#image/input/input.js";
import { verify } from "#image/verify/verify.js";
import { filesBelow } from "../files-below.js";
import { readBack } from "../read-back.js";
import { sampleTree, writeSampleTree } from "../sample-images.js";
import { Workplace } from "../workplace.js";

const work = new Workplace();
const deep = writeSampleTree(work, "deep");
const flat = work.path("flat");
for (const { path, data } of sampleTree().files) {
  mkdirSync(dirname(`${flat}/${path}`), { recursive: true });
  writeFileSync(`${flat}/${path}`, data.bytes ?? "");
}
afterAll(() => work[Symbol.dispose]());

/** The arguments that nova passes (nova/virt/configdrive.py), but for the place of the image. */
const NOVA = [
  "-ldots",
  "-allow-lowercase",
  "-allow-multidot",
  "-l",
  "-publisher",
  "OpenStack",
  "-quiet",
  "-J",
  "-r",
  "-V",
  "config-2",
];

/** Errors of verify, each kind once: its clause and its message without numbers. */
function errorsOf(image: Uint8Array): string[] {
  const errors = verify(bytesInput(image)).filter(({ severity }) => severity === "error");
  return [...new Set(errors.map(({ clause, message }) => `${clause}: ${message.replace(/\d+/g, "N")}`))];
}

function warningsOf(image: Uint8Array): string[] {
  const warnings = verify(bytesInput(image)).filter(({ severity }) => severity === "warning");
  return [...new Set(warnings.map(({ clause, message }) => `${clause}: ${message.replace(/\d+/g, "N")}`))];
}

const sorted = (map: ReadonlyMap<string, string>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

const XORRISO_PARENT =
  "ECMA-119 6.8.2.2, 9.2: the parent directory's record leads elsewhere: block N, N bytes; it is block N, N bytes";

const isoWriters: readonly {
  name: string;
  source: string;
  command: (image: string) => [string, string[]];
  errors: string[];
  warnings?: string[];
}[] = [
  {
    name: "genisoimage as nova calls it",
    source: flat,
    command: (image) => ["genisoimage", [...NOVA, "-o", image, flat]],
    errors: [],
  },
  {
    name: "genisoimage with relocated directories",
    source: deep,
    command: (image) => ["genisoimage", ["-quiet", "-J", "-joliet-long", "-r", "-V", "config-2", "-o", image, deep]],
    errors: ["RRIP 4.1.1: the mode N is that of no kind of file"],
    warnings: ["Joliet: the name has N bytes, more than N"],
  },
  {
    name: "xorriso",
    source: deep,
    command: (image) => ["xorriso", ["-as", "mkisofs", "-quiet", "-J", "-r", "-V", "config-2", "-o", image, deep]],
    errors: [XORRISO_PARENT],
  },
  {
    name: "xorriso with relocated directories",
    source: deep,
    command: (image) => [
      "xorriso",
      ["-as", "mkisofs", "-quiet", "-J", "-r", "-rr_reloc_dir", "moved", "-V", "config-2", "-o", image, deep],
    ],
    errors: [XORRISO_PARENT],
  },
  {
    name: "pycdlib",
    source: flat,
    command: (image) => ["/usr/bin/python3", [resolve("integration/images/writers/pycdlib-write.py"), flat, image]],
    errors: [],
  },
];

test.each(isoWriters)(
  "$name: verify names its true faults and no others; its files are read",
  ({ name, source, command, errors, warnings = [] }) => {
    const path = work.path(`${name}.iso`);
    work.run(...command(path));
    const image = readFileSync(path);
    expect(errorsOf(image)).toEqual(errors);
    expect(warningsOf(image)).toEqual(warnings);
    const { volume, digests } = readBack(image);
    expect(volume.nameSpace).toBe("rock-ridge");
    expect(volume.info.label).toBe("config-2");
    expect(sorted(digests)).toEqual(sorted(filesBelow(source)));
    const link = volume.entries.find((entry) => entry.path === "link");
    if (source === deep) expect([link?.kind, link?.target]).toEqual(["symlink", "../d1/./d2"]);
  },
);

test.each([
  ["FAT12", ["1440"], "FAT12"],
  ["FAT16", ["65536"], "FAT16"],
  ["FAT32", ["-F", "32", "65536"], "FAT32"],
])("mkfs.vfat and mcopy, %s: no fault, and its files are read", (name, args, variant) => {
  const path = work.path(`${name}.img`);
  const kibibytes = args.at(-1) ?? "";
  work.run("mkfs.vfat", ["-n", "config-2", ...args.slice(0, -1), "-C", path, kibibytes]);
  const names = ["openstack", "ec2", "empty", "sector", "sector and one"];
  work.run("mcopy", ["-i", path, "-s", "-m", ...names.map((one) => `${flat}/${one}`), "::/"]);
  const image = readFileSync(path);
  expect(verify(bytesInput(image))).toEqual([]);
  const { volume, digests } = readBack(image);
  expect([volume.info.variant, volume.info.label]).toEqual([variant, "config-2"]);
  const asked = [...filesBelow(flat)].filter(([one]) => names.includes(one.split("/")[0] ?? ""));
  expect(sorted(digests)).toEqual(sorted(new Map(asked)));
});

test("genisoimage cuts a Joliet name at a character beyond U+FFFF, and leaves nothing of one that begins with it", () => {
  const source = work.path("astral");
  mkdirSync(source);
  writeFileSync(`${source}/\u{1f600}.txt`, "astral");
  const path = work.path("astral.iso");
  work.run("genisoimage", ["-quiet", "-J", "-r", "-V", "config-2", "-o", path, source]);
  expect(errorsOf(readFileSync(path))).toEqual(["ECMA-119 9.1.10: the identifier has at least one byte"]);
});

test("xorriso does not sort the directories that it relocates", () => {
  const source = work.path("two-deep");
  for (const name of ["z1", "a2"]) {
    const above = Array.from({ length: 7 }, (_, level) => `${name === "z1" ? "a" : "b"}${level}`).join("/");
    mkdirSync(`${source}/${above}/${name}`, { recursive: true });
    writeFileSync(`${source}/${above}/${name}/file`, name);
  }
  const path = work.path("two-deep.iso");
  work.run("xorriso", [
    "-as",
    "mkisofs",
    "-quiet",
    "-r",
    "-rr_reloc_dir",
    "moved",
    "-V",
    "config-2",
    "-o",
    path,
    source,
  ]);
  expect(errorsOf(readFileSync(path))).toContain("ECMA-119 9.3: the records of its directory are out of order");
});

test("mcopy writes a zero into some short names", () => {
  const path = work.path("tilde.img");
  writeFileSync(work.path("#,($~"), "tilde");
  work.run("mkfs.vfat", ["-n", "config-2", "-C", path, "1440"]);
  work.run("mcopy", ["-i", path, work.path("#,($~"), "::/"]);
  expect(errorsOf(readFileSync(path))).toEqual([
    'FAT 1.03 "Long Directory Entries": the checksum is that of another short name; it is NxNb',
    "FAT 1.03 DIR_Name: a short name has no byte NxN",
  ]);
});
