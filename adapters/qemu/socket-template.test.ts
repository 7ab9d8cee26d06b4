import { SocketTemplate } from "./socket-template.js";

const template = new SocketTemplate("/run/configdrive/qmp/{instance_id}.sock");

test("an instance's socket is the template with its id", () => {
  expect(template.pathOf("0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff")).toBe(
    "/run/configdrive/qmp/0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff.sock",
  );
  expect(new SocketTemplate("/run/{instance_id}/{instance_id}.sock").pathOf("vm.1")).toBe("/run/vm.1/vm.1.sock");
});

test.each(["", "..", "../x", "a/b", "a\0b", ".hidden", "-x", "{instance_id}", "ä", "a b", "a\n"])(
  "%j is no instance id and opens no path",
  (id) => {
    expect(() => template.pathOf(id)).toThrow(expect.objectContaining({ reason: "INVALID_ARGUMENT" }));
  },
);

test("an id that makes the path longer than a socket's may be is refused with the limit", () => {
  expect(() => template.pathOf("x".repeat(200))).toThrow(/107 bytes at most, .* has 226/);
});

test.each([
  ["run/{instance_id}", "must be an absolute path"],
  ["/run/qmp.sock", "must contain {instance_id}"],
  ["/run/../{instance_id}", "must not contain a part `..`"],
])("template %s %s", (text, problem) => {
  expect(() => new SocketTemplate(text)).toThrow(problem);
});

test("a missing instance is only told from a missing folder where the folder is there", () => {
  new SocketTemplate("/{instance_id}/qmp").requireFolder("i");
  const refused = { reason: "HYPERVISOR_UNREACHABLE", message: expect.stringContaining("/nowhere/at/all") };
  expect(() => new SocketTemplate("/nowhere/at/all/{instance_id}").requireFolder("i")).toThrow(
    expect.objectContaining(refused),
  );
});
