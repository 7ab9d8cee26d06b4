import { digestOnHost, driveOf, knowsDrive, novaPath } from "./drive-view.js";
import type { Setting } from "./setting.js";

const FLAVOR = { id: "bridged", name: "bridged", ram: 192, vcpus: 1, disk: 1 };

/** With `opt_in` a server gets a drive of the service's only where its image or its flavor says so. */
export function optInCases(setting: () => Setting): void {
  test("with opt_in nova builds the drives of all but those whose image or flavor asks for the service", async () => {
    const { cloud, host } = setting();
    await cloud.api.call("POST", "/flavors", { flavor: FLAVOR });
    const specs = { extra_specs: { "configdrive:bridge": "true" } };
    await cloud.api.call("POST", `/flavors/${FLAVOR.id}/os-extra_specs`, specs);
    const image = await cloud.guestImage({ configdrive_bridge: "true" });
    await cloud.configure(host, "opt_in = true");
    try {
      const plain = await cloud.boot({ name: "plain" });
      expect(await cloud.run(host, "head", "-c", "40000", novaPath(plain))).toContain("OpenStack Nova");
      expect(await knowsDrive(cloud, host, plain)).toBe(false);
      await cloud.api.delete(plain);
      for (const asking of [{ imageRef: image }, { flavorRef: FLAVOR.id }]) {
        const id = await cloud.boot({ name: "asking", ...asking });
        const { generations } = await driveOf(cloud, host, id);
        expect(await digestOnHost(cloud, host, novaPath(id))).toBe(generations[0]?.sha256);
        await cloud.api.delete(id);
      }
    } finally {
      await cloud.configure(host, "");
    }
  }, 300_000);
}
