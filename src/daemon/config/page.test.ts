import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { loadConfig } from "./load.js";
import { configurationPage, sampleFile } from "./page.js";

test("the pages in docs/ are what the table says (make docs)", () => {
  expect(readFileSync("docs/configuration.md", "utf8")).toBe(configurationPage());
  expect(readFileSync("docs/configdrive.conf.sample", "utf8")).toBe(sampleFile());
});

test("the sample gives every option its default", async () => {
  const folder = await privateDirectory("config");
  try {
    const file = join(folder, "sample.conf");
    const given = sampleFile()
      .split("\n")
      .filter((line) => !/=( <.*>)?$/.test(line))
      .map((line) => line.replace(/^#(\w)/, "$1"));
    writeFileSync(file, given.join("\n"));
    const loaded = loadConfig([file], {});
    expect(loaded.config).toEqual(loadConfig([], {}).config);
    expect(loaded.unknown).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
