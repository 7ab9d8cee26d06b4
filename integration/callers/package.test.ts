import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { jest } from "@jest/globals";
import { privateDirectory } from "../rigs/private-directory.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { Outside } from "./outside.js";

jest.setTimeout(180_000);

const scope = new Scope();
let outside: Outside;
beforeAll(async () => {
  outside = await scope.own(Outside.make("integration/examples/typescript"));
}, 180_000);
afterAll(() => scope[Symbol.asyncDispose]());

test("what the page shows is a program", async () => {
  const page = await readFile("docs/client.md", "utf8");
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  expect(blocks).toHaveLength(2);
  const [first = "", second = ""] = blocks;
  const [imports, ...rest] = second.split("\n\n");
  // The second one goes on from the first, with a fake in place of a service.
  const body = `${first}\n{\n${rest.join("\n\n")}}\n`;
  await outside.write("page.ts", `${imports}\n${body}`);
  await outside.compile();
});

test("a program outside is checked against the package's types, and tried on the fake", async () => {
  await outside.compile();
  expect(await outside.run("try.js")).toBe("config.json will change\ntried\n");
});

test("the same program does the same on the service", async () => {
  const instances = await privateDirectory("instances");
  try {
    await mkdir(join(instances, "vm-1"));
    await using service = await Service.start({ instances });
    expect(await outside.run("drives.js", service.address, "vm-1")).toMatch(
      /will change\n[0-9a-f-]{36} was shown to vm-1/,
    );
  } finally {
    await rm(instances, { recursive: true, force: true });
  }
});
