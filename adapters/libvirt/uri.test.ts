import { parseUri, placeOf, requireUri, uriProblem } from "./uri.js";

test.each([
  ["qemu:///system", "qemu:///system", "/run/libvirt/libvirt-sock"],
  ["qemu+unix:///system", "qemu:///system", "/run/libvirt/libvirt-sock"],
  ["qemu+unix:///system?socket=/run/libvirt/virtqemud-sock", "qemu:///system", "/run/libvirt/virtqemud-sock"],
  ["qemu+unix:///session?socket=/run/a%20b", "qemu:///session", "/run/a b"],
])("%s", (text, driver, socket) => {
  expect(parseUri(text)).toEqual({ transport: "unix", driver, socket });
  expect(uriProblem(text)).toBeUndefined();
});

test.each([
  ["qemu+tls://kvm1.example.org/system", "tls", "kvm1.example.org", 16514, "kvm1.example.org:16514"],
  ["qemu://kvm1/system", "tls", "kvm1", 16514, "kvm1:16514"],
  ["qemu+tcp://10.0.0.1:1234/system", "tcp", "10.0.0.1", 1234, "10.0.0.1:1234"],
  ["qemu+tcp://[fd00::1]/system", "tcp", "fd00::1", 16509, "[fd00::1]:16509"],
])("%s", (text, transport, host, port, place) => {
  expect(parseUri(text)).toEqual({ transport, host, port, driver: "qemu:///system" });
  expect(placeOf(requireUri(text))).toBe(place);
});

test.each([
  "",
  "system",
  "qemu+ssh://host/system",
  "qemu+tls://user@host/system",
  "qemu+tls://host/system?no_verify=1",
  "qemu+tls://host:70000/system",
  "qemu+tls:///system",
  "qemu://host/session",
  "qemu:///session",
  "xen:///system",
  "qemu:///system?socket=x",
])("%j is refused with what would do", (text) => {
  expect(uriProblem(text)).toContain("qemu:///system");
});
