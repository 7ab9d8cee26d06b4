import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { operator } from "#api/policy/caller.js";
import { loadConfig } from "./load.js";

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "policy-"));
  file = join(folder, "policy.yaml");
});
afterEach(() => rmSync(folder, { recursive: true }));

const load = () => loadConfig([], { OS_OSLO_POLICY__POLICY_FILE: file });
const target = { project_id: "p", drive_id: "", instance_id: "", host: "" };

test("the policy file's rules stand over the defaults", () => {
  writeFileSync(file, '"configdrive:delete_drive": "!"\n');
  const { policy, unknown } = load();
  expect(unknown).toEqual([]);
  expect(policy.allows("configdrive:delete_drive", operator("p"), target)).toBe(false);
  expect(policy.allows("configdrive:get_drive", operator("p"), target)).toBe(true);
});

test("a mistyped rule is warned of with the one that was meant", () => {
  writeFileSync(file, '"configdrive:delete_drives": "!"\n');
  expect(load().unknown).toEqual([
    {
      level: "warn",
      message: `${file}:1: configdrive:delete_drives is no rule that anything asks for; did you mean configdrive:delete_drive?`,
    },
  ]);
});

test("a file that is broken, or not there, stops the start with its name and line", () => {
  expect(load).toThrow(`${file}: cannot be read`);
  writeFileSync(file, '"configdrive:get_drive": "@"\n"configdrive:list_drives": "role:"\n');
  expect(load).toThrow(`${file}:2: configdrive:list_drives: \`role:\` is no check`);
});
