import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { PlacedImage } from "#drive/hypervisor.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import { writeImage } from "#image/sink/file.js";
import { fromBytes } from "#image/tree.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { guestinfoOf } from "./guestinfo.js";

let folder = "";
beforeEach(async () => {
  folder = await privateDirectory("guestinfo");
});
afterEach(() => rm(folder, { recursive: true }));

/** A drive of these files. */
async function drive(files: Readonly<Record<string, string | Uint8Array>>, label = "cidata"): Promise<PlacedImage> {
  const tree = Object.entries(files).map(([path, data]) => ({ path, data: fromBytes(Buffer.from(data)) }));
  const path = join(folder, "1.img");
  const { size } = await writeImage(planIso9660({ files: tree }, { label, time: new Date(0) }), path, { mode: 0o600 });
  return { driveId: "d", generation: 1, path, sizeBytes: size, format: "iso9660" };
}

const unpacked = (value: string | undefined) => gunzipSync(Buffer.from(value ?? "", "base64")).toString();

test("a NoCloud drive is three variables, each with its encoding; the network configuration is part of the meta data", async () => {
  const values = guestinfoOf(
    await drive({
      "meta-data": "instance-id: vm-1\nlocal-hostname: web\n",
      "user-data": "#cloud-config\n{}\n",
      "vendor-data": "",
      "network-config": "network:\n  version: 2\n  ethernets: {}\n",
    }),
  );
  expect(Object.keys(values)).toEqual([
    "guestinfo.metadata",
    "guestinfo.metadata.encoding",
    "guestinfo.userdata",
    "guestinfo.userdata.encoding",
  ]);
  expect(values["guestinfo.metadata.encoding"]).toBe("gzip+base64");
  expect(JSON.parse(unpacked(values["guestinfo.metadata"]))).toEqual({
    "instance-id": "vm-1",
    "local-hostname": "web",
    network: { version: 2, ethernets: {} },
  });
  expect(unpacked(values["guestinfo.userdata"])).toBe("#cloud-config\n{}\n");
});

test("the same drive gives the same values", async () => {
  const files = {
    "meta-data": "instance-id: i\n",
    "user-data": "x".repeat(9000),
    "network-config": "version: 1\nconfig: []\n",
  };
  expect(guestinfoOf(await drive(files))).toEqual(guestinfoOf(await drive(files)));
});

test.each<[string, Record<string, string | Uint8Array>, string, string]>([
  [
    "another layout",
    { "openstack/latest/meta_data.json": "{}" },
    "config-2",
    "the layout nocloud, whose label is cidata",
  ],
  ["a file without a variable", { "meta-data": "", "scripts/a.sh": "hunter2" }, "cidata", "no place for scripts"],
  ["user data that is no text", { "user-data": new Uint8Array([0x1f, 0x8b, 0xff]) }, "cidata", "user-data is no text"],
  ["meta data that is no YAML", { "meta-data": "a: [hunter2" }, "cidata", "meta-data is no YAML"],
  ["meta data that is no mapping", { "meta-data": "- hunter2" }, "cidata", "meta-data is no mapping"],
  [
    "more than a guest reads",
    { "user-data": randomBytes(60_000).toString("hex") },
    "cidata",
    "characters, packed; a guest reads 65000 at most",
  ],
  ["a file that is too large to look at", { "user-data": "a".repeat(1_048_577) }, "cidata", "has 1048577 bytes"],
])("%s is refused, and its content is not told", async (_what, files, label, says) => {
  const image = await drive(files, label);
  const refused = expect(() => guestinfoOf(image));
  refused.toThrow(says);
  expect(() => guestinfoOf(image)).not.toThrow("hunter2");
});
