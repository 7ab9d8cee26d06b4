import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { FakeService } from "#fake/fake-service.js";

const run = promisify(execFile);

test("the fake keeps the contract: the cases that a service is tried with", async () => {
  await using fake = await FakeService.start({ instances: ["vm-1", "vm-2"] });
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = ["--silent", "conformance", `TARGET=${fake.target}`, "INSTANCES=vm-1,vm-2"];
  const { stdout, stderr } = await run("make", args, { env, maxBuffer: 16 << 20 });
  const said = stdout + stderr;
  expect(Number(/Tests: .*?(\d+) passed/.exec(said)?.[1])).toBeGreaterThan(15);
  expect(said).toContain("AttachDrive");
  expect(said).not.toMatch(/skipped|todo|failed/);
}, 300_000);
