import { readFileSync } from "node:fs";
import { type Proven, readProven, withProven } from "./proven.js";
import { provenPage } from "./proven-page.js";

const one: Proven = {
  adapter: "b",
  where: "socket",
  against: "B 1",
  date: "2026-01-02",
  commit: "0123456",
  devices: "disk on virtio",
  capabilities: { refresh: 10, pause: 10 },
};

test("docs/adapters.md is what the suite's results say (make docs)", () => {
  expect(readFileSync("docs/adapters.md", "utf8")).toBe(provenPage(readProven()));
});

test("every adapter is proven", () => {
  expect(new Set(readProven().map(({ adapter }) => adapter))).toEqual(
    new Set(["file", "grpc", "ironic", "libvirt", "lxd", "openstack", "qemu", "vsphere"]),
  );
});

test("a backend's results take the place of its earlier ones, and no other's", () => {
  const a: Proven = { ...one, adapter: "a", capabilities: { refresh: 10 } };
  const standing = [{ ...one, against: "B 0" }, a];
  expect(JSON.parse(withProven(standing, one))).toEqual([a, one]);
});

test("what a backend does not have is a dash, and what failed is told", () => {
  expect(provenPage([{ ...one, capabilities: { refresh: 0 } }])).toContain("| refresh | *open* |");
  const page = provenPage([{ ...one, adapter: "a", capabilities: { refresh: 10 } }, one]);
  expect(page).toContain("| refresh | 10 × | 10 × |");
  expect(page).toContain("| pause | – | 10 × |");
  expect(page).toContain("| 2 | `b` | socket | B 1 | disk on virtio | 2026-01-02 | 0123456 |");
});
