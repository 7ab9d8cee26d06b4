import { readFileSync } from "node:fs";
import { contract } from "../contract.js";
import { type Caller, operator } from "./caller.js";
import { DEFAULT_RULES } from "./default-rules.js";
import { Policy } from "./policy.js";
import { readPolicy } from "./policy-file.js";
import { policyPage } from "./policy-page.js";

const target = { project_id: "p1", drive_id: "", instance_id: "vm-7", host: "" };

function caller(change: Partial<Caller> = {}): Caller {
  return { userId: "u", projectId: "p1", roles: [], isAdmin: false, systemScope: "", serviceRoles: [], ...change };
}

/** Whether a rule in a file's place lets the caller through. */
function allowed(rule: string, who: Caller): boolean {
  return readPolicy(JSON.stringify({ "configdrive:get_drive": rule })).policy.allows(
    "configdrive:get_drive",
    who,
    target,
  );
}

test("every method has a rule of its own, and every rule but the base ones is a method's", () => {
  const methods = contract().methods.map(({ busName }) => `configdrive:${busName}`);
  expect([...DEFAULT_RULES.keys()].filter((name) => name.includes(":")).sort()).toEqual(methods.sort());
});

test("the page in docs/ is what the table says (make docs)", () => {
  expect(readFileSync("docs/policy.md", "utf8")).toBe(policyPage());
});

const read = [
  "get_drive",
  "list_drives",
  "inspect_drive",
  "diff_drive",
  "watch_drives",
  "get_instance",
  "list_instances",
];
test.each<[string, Caller, "all" | "service" | "change" | "read" | "none"]>([
  ["a member", caller({ roles: ["member", "reader"] }), "change"],
  ["a member by another spelling", caller({ roles: ["Member", "READER"] }), "change"],
  ["a reader", caller({ roles: ["reader"] }), "read"],
  ["an administrator without a project", caller({ roles: ["admin"], projectId: "" }), "all"],
  ["a context that says is_admin", caller({ isAdmin: true }), "all"],
  ["a service", caller({ roles: ["service"], projectId: "services" }), "service"],
  ["the operator", operator("p1"), "all"],
  ["nobody in particular", caller(), "none"],
  ["a member of another project", caller({ roles: ["member", "reader"], projectId: "p2" }), "none"],
])("by default, %s may do the right things", (_who, who, what) => {
  const policy = new Policy();
  for (const { busName } of contract().methods) {
    const isChange = what === "change" && busName !== "run_instances" && busName !== "declare_host";
    const may =
      what === "all" ||
      (what === "service" && busName !== "declare_host") ||
      isChange ||
      busName === "get_capabilities" ||
      (what === "read" && read.includes(busName));
    expect([busName, policy.allows(`configdrive:${busName}`, who, target)]).toEqual([busName, may]);
  }
});

test("a member without a project is a member of none", () => {
  const who = caller({ roles: ["member", "reader"], projectId: "" });
  expect(new Policy().allows("configdrive:list_drives", who, { ...target, project_id: "" })).toBe(false);
});

test("a rule that does not exist lets nobody", () => {
  expect(new Policy().allows("configdrive:format_disk", operator("p1"), target)).toBe(false);
});

const member = caller({ roles: ["member"] });
test.each<[string, boolean]>([
  ["", true],
  ["@", true],
  ["!", false],
  ["role:member", true],
  ["role:admin or role:member", true],
  ["role:admin or not role:member", false],
  ["not role:admin and role:member", true],
  // `and` binds before `or`.
  ["role:member or role:admin and role:none", true],
  ["(role:member or role:admin) and role:none", false],
  ["not (role:admin or role:member)", false],
  ["NOT role:admin AND role:member", true],
  ["user_id:u", true],
  ["user_id:U", false],
  ["project_id:%(project_id)s", true],
  ["is_admin:False", true],
  ["is_admin:True", false],
  ["system_scope:all", false],
  ["roles:member", true],
  ["service_roles:service", false],
  ["'vm-7':%(instance_id)s", true],
  ["'vm-8':%(instance_id)s", false],
  ["'x-vm-7-y':x-%(instance_id)s-y", true],
  ["'':%(drive_id)s", false],
  ["True:True", true],
  ["rule:may_change", true],
])("for a member of the project, %j is %j", (rule, is) => {
  expect(allowed(rule, member)).toBe(is);
});

test("rules over the defaults are used by those that name them", () => {
  const { policy, unused } = readPolicy('# ours\n"project_reader": "rule:ours"\nours: "user_id:u" # alone\n');
  expect(unused).toEqual([]);
  expect(policy.allows("configdrive:get_drive", caller(), target)).toBe(true);
  expect(policy.allows("configdrive:delete_drive", caller(), target)).toBe(false);
});

test.each(["", "# nothing\n", "{}", "---\n"])("a file that says %j changes nothing", (text) => {
  const { policy, unused } = readPolicy(text);
  expect(unused).toEqual([]);
  expect(policy.allows("configdrive:get_drive", operator("p1"), target)).toBe(true);
});

test("a rule that nothing asks for is told with its line", () => {
  const { unused } = readPolicy('"configdrive:get_drive": "@"\n\n"configdrive:get_drvie": "!"\n');
  expect(unused).toEqual([{ name: "configdrive:get_drvie", line: 3 }]);
});

test.each<[string, string, number, string]>([
  ["no YAML", '"a": "@"\n"b: "!"\n', 2, ""],
  ["a list", "- a\n- b\n", 1, "must be rules"],
  ["a rule twice", '"a": "@"\n"a": "!"\n', 2, "unique"],
  ["a rule that is no text", '"ok": "@"\n"a": [["role:x"]]\n', 2, "a: a rule must be one text"],
  ["a parenthesis too few", '"a": "(role:x"', 1, "a: this parenthesis is never closed (at character 1 of the rule)"],
  ["a parenthesis too many", '"a": "role:x)"', 1, "(at character 7 of the rule)"],
  ["nothing after `and`", '"a": "role:x and"', 1, "it ends where a check is missing"],
  ["two checks side by side", '"a": "role:x role:y"', 1, "`and` or `or` is missing before it"],
  ["no check at all", '"a": "member"', 1, "`member` is no check"],
  ["a check over the network", '"a": "http://policy/"', 1, "`http:` checks are not made here"],
  ["an attribute that nobody has", '"a": "projct_id:%(project_id)s"', 1, "`projct_id` is no attribute of a caller"],
  ["a target that no call has", '"a": "user_id:%(user_id)s"', 1, "`%(user_id)s` is not known of a call"],
  ["a rule that is not there", '"b": "@"\n"a": "rule:c"', 2, "a: there is no rule `c`"],
  ["a circle", '"a": "rule:b"\n"b": "not rule:a"', 1, "a: names itself, by a -> b -> a"],
])("a file with %s is refused with its line", (_what, text, line, message) => {
  expect(() => readPolicy(text)).toThrow(
    expect.objectContaining({
      problems: expect.arrayContaining([{ line, message: expect.stringContaining(message) }]),
    }),
  );
});
