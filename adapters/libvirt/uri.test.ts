import { parseUri, uriProblem } from "./uri.js";

test.each([
  ["qemu:///system", "qemu:///system", "/run/libvirt/libvirt-sock"],
  ["qemu+unix:///system", "qemu:///system", "/run/libvirt/libvirt-sock"],
  ["qemu+unix:///system?socket=/run/libvirt/virtqemud-sock", "qemu:///system", "/run/libvirt/virtqemud-sock"],
  ["qemu+unix:///session?socket=/run/a%20b", "qemu:///session", "/run/a b"],
])("%s", (text, driver, socket) => {
  expect(parseUri(text)).toEqual({ driver, socket });
  expect(uriProblem(text)).toBeUndefined();
});

test.each([
  "",
  "system",
  "qemu+ssh://host/system",
  "qemu://host/system",
  "qemu:///session",
  "xen:///system",
  "qemu:///system?socket=x",
])("%j is refused with what would do", (text) => {
  expect(uriProblem(text)).toContain("qemu:///system");
});
