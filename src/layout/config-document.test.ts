import { factsSaid, layOutDocument } from "./config-document.js";
import type { LayoutName } from "./layouts.js";

const instance = { id: "83679162-1378-4288-a2d4-70e13ec132aa", name: "vm1", launchIndex: 3 };

/** All files of the drive, as text. */
function drive(layout: LayoutName, document: object | string, facts: typeof instance | undefined = instance): string {
  const json = typeof document === "string" ? document : JSON.stringify(document);
  const { tree } = layOutDocument({ layout, json, ...(facts && { instance: facts }) });
  return tree.files.map(({ data }) => Buffer.from(data.bytes ?? []).toString()).join("\n");
}

test.each([
  ["openstack", [`"uuid": "${instance.id}"`, '"hostname": "vm1"', '"launch_index": 3']],
  ["nocloud", [`"instance-id": "${instance.id}"`, '"local-hostname": "vm1"']],
  ["ovf", [`oe:key="instance-id" oe:value="${instance.id}"`, 'oe:key="hostname" oe:value="vm1"']],
  ["opennebula", ["SET_HOSTNAME='vm1'"]],
] as const)("%s: what the data leaves out and the service knows is filled in", (layout, texts) => {
  const made = drive(layout, {});
  for (const text of texts) expect(made).toContain(text);
});

test("what the data says stands, and numbers that a double would change stay as they are", () => {
  const json = `{"hostname":"mine","vendor_data":{"big":9007199254740993}}`;
  const made = drive("openstack", json);
  expect(made).toContain('"hostname": "mine"');
  expect(made).toContain('"big": 9007199254740993');
  expect(factsSaid({ layout: "openstack", json })).toEqual(["hostname"]);
});

test.each([
  ["no JSON at all", '{"admin_pass": hunter2}', "must be JSON"],
  ["cut off", '{"admin_pass": "hunter2', "must be JSON"],
  ["an unknown field", '{"hunter": 2}', 'Unrecognized key: "hunter"'],
  ["an array", "[]", "expected object"],
  ["nested without end", `${"[".repeat(1e6)}"hunter2"${"]".repeat(1e6)}`, "is nested too deeply"],
])("%s is refused, and no value of it is repeated", (_what, json, rule) => {
  const attempt = () => drive("openstack", json);
  expect(attempt).toThrow(rule);
  expect(attempt).not.toThrow("hunter2");
});
