import { readFileSync } from "node:fs";
import type { FileTree } from "#image/tree.js";
import { parseDocument } from "./document.js";
import { layOutOpenstack } from "./openstack.js";
import { LayoutRefusal } from "./refusal.js";

const minimal = { uuid: "83679162-1378-4288-a2d4-70e13ec132aa", hostname: "test" };

function texts(tree: FileTree): Record<string, string> {
  return Object.fromEntries(tree.files.map((file) => [file.path, Buffer.from(file.data.bytes ?? []).toString("utf8")]));
}

function refusal(document: unknown): string {
  try {
    layOutOpenstack(document);
  } catch (error) {
    if (error instanceof LayoutRefusal) return error.message;
    throw error;
  }
  return "nothing refused";
}

describe.each(["zed", "epoxy"] as const)("a drive as nova %s writes it", (release) => {
  const fixture = JSON.parse(readFileSync(new URL(`./openstack/fixtures/${release}.json`, import.meta.url), "utf8"));

  test("has the same files with the same bytes as one that nova itself rendered", () => {
    expect(texts(layOutOpenstack({ ...fixture.data, release }).tree)).toEqual(fixture.files);
  });
});

test("user data stands in all twelve places without being copied", () => {
  const { tree } = layOutOpenstack({ ...minimal, release: "zed", user_data: "#!/bin/sh\n" });
  const places = tree.files.filter((file) => /user[-_]data$/.test(file.path));
  expect(places).toHaveLength(12);
  expect(new Set(places.map((file) => file.data)).size).toBe(1);
});

test("numbers beyond a double's reach come through as they were written", () => {
  const document = parseDocument(
    `{"uuid":"${minimal.uuid}","hostname":"h","vendor_data":{"big":9007199254740993,"one":1.0}}`,
  );
  expect(texts(layOutOpenstack(document).tree)["openstack/latest/vendor_data.json"]).toBe(
    '{"big": 9007199254740993, "one": 1.0}',
  );
});

test.each([
  ["a missing uuid", { hostname: "h" }, "uuid: must be a UUID"],
  ["an unknown key", { ...minimal, user_dta: "x" }, "user_dta"],
  ["half a surrogate pair", { ...minimal, name: "\ud800" }, "name: must be well-formed Unicode"],
  ["bad base64", { ...minimal, user_data: { base64: "a" } }, "user_data.base64: must be standard base64"],
  [
    "a link of no known type",
    { ...minimal, network_data: { links: [{ id: "a", type: "ppp" }], networks: [], services: [] } },
    "network_data.links[0].type: must be one of bridge",
  ],
  ["network data without services", { ...minimal, network_data: { links: [], networks: [] } }, "network_data.services"],
  ["a key that has a field of its own", { ...minimal, extra: { hostname: "other" } }, "extra: must be none of uuid"],
])("%s is refused with the path of the field", (_what, document, message) => {
  expect(refusal(document)).toContain(message);
});
