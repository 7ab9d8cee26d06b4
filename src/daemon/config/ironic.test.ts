import { IronicHypervisor } from "#adapters/ironic/adapter.js";
import { ironicSettings } from "./ironic.js";
import { loadConfig } from "./load.js";

/** The configuration with these options of the group `ironic`. */
function config(options: Readonly<Record<string, string>>) {
  const given = Object.entries(options).map(([name, value]) => [`OS_IRONIC__${name.toUpperCase()}`, value]);
  return loadConfig([], Object.fromEntries(given)).config;
}

const endpoint_override = "https://controller:6385";
const user = { username: "configdrive", password: "the-right-one" };

test.each([
  [{}, "endpoint_override"],
  [{ endpoint_override, auth_type: "http_basic" }, "username"],
  [{ endpoint_override, auth_type: "http_basic", username: "configdrive" }, "password"],
  [{ endpoint_override, auth_type: "password", ...user }, "auth_url"],
])("with %j alone it is told that %s is missing", (options, name) => {
  const problems = [expect.stringMatching(`^\\[ironic\\] ${name} is required with \\[`)];
  expect(() => ironicSettings(config(options))).toThrow(expect.objectContaining({ name: "ConfigError", problems }));
});

test.each([
  { endpoint_override },
  { endpoint_override, auth_type: "http_basic", ...user },
  { endpoint_override, auth_type: "password", ...user, auth_url: "https://controller:5000" },
])("%j is enough", async (options) => {
  const hypervisor = new IronicHypervisor(ironicSettings(config(options)));
  expect(hypervisor.name).toBe("ironic");
  await hypervisor.close();
});

test("with somewhere to serve images it has virtual media", async () => {
  const media = { media_listen: "[::]:8443", media_url: "https://configdrive:8443" };
  const hypervisor = new IronicHypervisor(ironicSettings(config({ endpoint_override, ...media })));
  expect(hypervisor.devices[0]).toEqual({ kind: "cdrom", bus: "usb" });
  await hypervisor.close();
});

test("a CA file that cannot be read is told with its option", () => {
  const given = { endpoint_override, auth_type: "password", ...user, auth_url: "https://controller:5000" };
  expect(() => ironicSettings(config({ ...given, cafile: "/nowhere/ca.pem" }))).toThrow(
    "[ironic] cafile = /nowhere/ca.pem",
  );
});
