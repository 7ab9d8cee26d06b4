import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { CatalogClaim } from "./catalog-claim.js";

let folder: string;
beforeEach(async () => {
  folder = await privateDirectory("claim");
});
afterEach(() => rm(folder, { recursive: true }));

const [first, second] = ["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"];

test("a directory is the first catalog's that asks, also for whoever looks later", async () => {
  const claim = new CatalogClaim(folder);
  expect(await Promise.all([claim.problem(first), claim.problem(first)])).toEqual([undefined, undefined]);
  expect(await readFile(join(folder, ".catalog"), "utf8")).toBe(`${first}\n`);
  expect(await readdir(folder)).toEqual([".catalog"]);
  const later = new CatalogClaim(folder);
  expect(await later.problem(first)).toBeUndefined();
  for (const words of [folder, first, second, `remove ${join(folder, ".catalog")}`])
    expect(await later.problem(second)).toContain(words);
});

test("of two that ask at once one has it", async () => {
  const claim = new CatalogClaim(folder);
  const problems = await Promise.all([claim.problem(first), claim.problem(second)]);
  expect(problems.filter((problem) => problem === undefined)).toHaveLength(1);
});

test("what cannot be read or written is a refusal, and is tried again", async () => {
  const missing = join(folder, "not-yet");
  const claim = new CatalogClaim(missing);
  await expect(claim.problem(first)).rejects.toMatchObject({ reason: "STORAGE_FAILED" });
  await mkdir(missing);
  expect(await claim.problem(first)).toBeUndefined();
});

test("what a cut-off write left is in nobody's way", async () => {
  await writeFile(join(folder, ".catalog.partial"), "2026-01-0");
  expect(await new CatalogClaim(folder).problem(first)).toBeUndefined();
  expect(await readdir(folder)).toEqual([".catalog"]);
});

test("a link in its place is not followed", async () => {
  await writeFile(join(folder, "elsewhere"), "no identity");
  await symlink("elsewhere", join(folder, ".catalog"));
  await expect(new CatalogClaim(folder).problem(first)).rejects.toMatchObject({ reason: "STORAGE_FAILED" });
  expect(await readFile(join(folder, "elsewhere"), "utf8")).toBe("no identity");
});
