import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { bytesInput } from "#image/input/input.js";
import { verify } from "#image/verify/verify.js";
import { FULL } from "../form.js";
import { sampleFat, sampleFat32, sampleIso, writeSampleTree } from "../sample-images.js";
import { Workplace } from "../workplace.js";
import { fatStructures, partitionStructures } from "./fat-structures.js";
import { faultsOf } from "./field-faults.js";
import { iso9660Structures } from "./iso9660-structures.js";
import type { Placed } from "./structure.js";

/** Structures of one kind in one image that are damaged; the last of many are like the first. */
const OF_A_KIND = FULL ? Number.POSITIVE_INFINITY : 4;

/** Images whose every structure gets every fault of every field, one at a time. */
interface Subject {
  readonly image: Buffer;
  readonly structures: readonly Placed[];
}

function subjects(): Map<string, Subject> {
  using work = new Workplace();
  const tree = writeSampleTree(work, "tree");
  work.run("genisoimage", ["-quiet", "-o", "g.iso", "-V", "config-2", "-J", "-joliet-long", "-r", "-no-pad", tree]);
  work.run("xorriso", [
    "-as",
    "mkisofs",
    "-quiet",
    "-o",
    "x.iso",
    "-V",
    "config-2",
    "-J",
    "-R",
    "-rr_reloc_dir",
    "moved",
    "-no-pad",
    tree,
  ]);
  const iso = (image: Buffer) => ({ image, structures: iso9660Structures(image) });
  const fat = (image: Buffer) => ({ image, structures: fatStructures(image) });
  return new Map([
    ["ISO 9660", iso(sampleIso())],
    ["ISO 9660 by genisoimage", iso(readFileSync(work.path("g.iso")))],
    ["ISO 9660 by xorriso", iso(readFileSync(work.path("x.iso")))],
    ["FAT12", fat(sampleFat(12))],
    ["FAT16", fat(sampleFat(16))],
    ["FAT32", fat(sampleFat32(work, tree))],
    ["master boot record", { image: sampleFat(12, true), structures: partitionStructures() }],
  ]);
}

/** What verify does not find, as the table of the documentation has it: `structure: field, fault`. */
function documented(): Set<string> {
  const text = readFileSync(resolve("docs/verify.md"), "utf8");
  const [, table = ""] = text.split("<!-- not found -->");
  const rows = table.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| structure"));
  return new Set(
    rows.flatMap((row) => {
      const [, structure, name, faults = ""] = row.split("|").map((cell) => cell.trim());
      return faults.split(";").map((fault) => `${structure}: ${name}, ${fault.trim()}`);
    }),
  );
}

function faultsIn(image: Buffer): Set<string> {
  return new Set(verify(bytesInput(image)).map(({ offset, clause, message }) => `${offset} ${clause} ${message}`));
}

test("every fault of every field of every structure is found, but for those that docs/verify.md lists", () => {
  const missed = new Map<string, string>();
  let injected = 0;
  for (const [subject, { image, structures }] of subjects()) {
    const before = faultsIn(image);
    const seen = new Map<string, number>();
    for (const { name, at, fields } of structures) {
      const number = (seen.get(name) ?? 0) + 1;
      seen.set(name, number);
      if (number > OF_A_KIND) continue;
      for (const field of fields) {
        for (const fault of faultsOf(field)) {
          const bytes = image.subarray(at + field.offset, at + field.offset + field.length);
          const whole = Buffer.from(bytes);
          fault.damage(bytes);
          if (!bytes.equals(whole)) {
            injected++;
            const found = [...faultsIn(image)].some((one) => !before.has(one));
            if (!found) missed.set(`${name}: ${field.name}, ${fault.name}`, `${subject}, byte ${at + field.offset}`);
          }
          whole.copy(bytes);
        }
      }
    }
  }
  console.info(`${injected} faults injected, ${missed.size} kinds not found`);
  const known = documented();
  expect([...missed].filter(([kind]) => !known.has(kind))).toEqual([]);
  expect([...known].filter((kind) => !missed.has(kind))).toEqual([]);
  expect(injected).toBeGreaterThan(5000);
}, 120_000);
