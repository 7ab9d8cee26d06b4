import { knowsDrive, novaPath } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** More than the rig's service takes in one drive: nova writes the metadata into every version of its format. */
const TOO_MUCH = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`key${index}`, "x".repeat(255)]));

/** Content that is wrong on every host: nova tries no other one, and tells the tenant what the service said. */
export function refusedContentCases(setting: () => Setting): void {
  test("content that the service refuses aborts the build, with the service's reason as the fault", async () => {
    const { cloud, host } = setting();
    const id = await cloud.create({ name: "refused", metadata: TOO_MUCH });
    const { fault } = await cloud.told(cloud.api.settled(id, "ERROR"));
    expect(fault?.message).toMatch(/^Build of instance .* aborted: .*limit.*CONTENT_TOO_LARGE/);
    expect(await knowsDrive(cloud, host, id)).toBe(false);
    await expect(cloud.run(host, "ls", novaPath(id))).rejects.toThrow("No such file");
    await cloud.api.delete(id);
  }, 120_000);
}
