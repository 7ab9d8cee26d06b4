import { execFileSync } from "node:child_process";
import { guestDefaults } from "./guest-profile.js";
import { LAYOUTS } from "./layouts.js";
import { LayoutRefusal } from "./refusal.js";
import type { LaidOut } from "./result.js";

function content({ tree }: LaidOut, path: string): string {
  const file = tree.files.find((each) => each.path === path);
  if (file === undefined) throw new Error(`no ${path}`);
  return Buffer.from(file.data.bytes ?? []).toString("utf8");
}

describe("nocloud", () => {
  test("meta-data is YAML for characters that YAML and JSON write differently", () => {
    const laidOut = LAYOUTS.nocloud({
      instance_id: "i-1",
      extra: { astral: "😀", separator: "\u2028", nel: "\u0085" },
    });
    const text = content(laidOut, "meta-data");
    expect(text).toContain('"astral": "😀"');
    expect(text).toContain('"separator": "\\u2028"');
    expect(text).toContain('"nel": "\\u0085"');
    expect(JSON.parse(text)["instance-id"]).toBe("i-1");
    expect(content(laidOut, "user-data")).toBe("");
  });

  test("a network configuration given as text is not touched", () => {
    expect(content(LAYOUTS.nocloud({ instance_id: "i", network_config: "version: 2\n" }), "network-config")).toBe(
      "version: 2\n",
    );
  });
});

describe("ovf", () => {
  test("values with quotes, line breaks and markup come back from an attribute as they were", () => {
    const laidOut = LAYOUTS.ovf({ instance_id: "vm-1", properties: { tricky: "a \"b\" <c>\n&'d'\t" } });
    const text = content(laidOut, "ovf-env.xml");
    const value = /oe:key="tricky" oe:value="([^"]*)"/.exec(text)?.[1] ?? "";
    expect(value).not.toMatch(/[<>\n\t']/);
    expect(value.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)))).toBe("a \"b\" <c>\n&'d'\t");
  });

  test("what XML cannot hold, and a key that has its own field, are refused", () => {
    expect(() => LAYOUTS.ovf({ instance_id: "i", properties: { x: "\u0001" } })).toThrow(
      "properties.x: must hold only characters",
    );
    expect(() => LAYOUTS.ovf({ instance_id: "i", properties: { "user-data": "x" } })).toThrow("must be none of");
  });
});

describe("opennebula", () => {
  test("a shell that sources context.sh gets exactly the values and runs none of them", () => {
    const evil = 'it\'s $(touch /tmp/never) `id` \\ "quoted"\nsecond line';
    const laidOut = LAYOUTS.opennebula({ variables: { EVIL: evil, EMPTY: "" }, user_data: "#!/bin/sh\n" });
    const script = `${content(laidOut, "context.sh")}printf '%s|%s|%s' "$EVIL" "$EMPTY" "$USER_DATA"`;
    expect(execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" })).toBe(`${evil}||IyEvYmluL3NoCg==`);
  });

  test.each(["PATH", "IFS", "1A", "A-B", "BASH_ENV", "USER_DATA"])("the variable name %s is refused", (name) => {
    expect(() => LAYOUTS.opennebula({ variables: { [name]: "x" } })).toThrow(LayoutRefusal);
  });
});

describe("guest profiles", () => {
  test("an OVF environment is a CD-ROM for every guest, and says why", () => {
    expect(guestDefaults("linux", "ovf")).toMatchObject({ format: "iso9660", kind: "cdrom" });
    expect(() => guestDefaults("linux", "ovf", { kind: "disk" })).toThrow("kind: must be cdrom");
  });

  test("what is asked for is kept where readers can take it", () => {
    expect(guestDefaults("windows", "openstack", { format: "vfat" })).toMatchObject({ format: "vfat", kind: "cdrom" });
    expect(() => guestDefaults("minimal", "openstack", { format: "vfat" })).toThrow("format: must be iso9660");
  });

  test("readers that see 16 bits of a volume's size in sectors get no image of 128 MiB", () => {
    const limit = { maxImageBytes: 128 * 2 ** 20 - 2048 };
    expect(guestDefaults("minimal", "openstack")).toMatchObject(limit);
    expect(guestDefaults("windows", "openstack", { kind: "disk" })).toMatchObject(limit);
    expect(guestDefaults("windows", "openstack")).not.toHaveProperty("maxImageBytes");
    expect(guestDefaults("linux", "openstack")).not.toHaveProperty("maxImageBytes");
  });
});
