import { type ComputeHost, NovaCloud } from "../rigs/nova-cloud.js";
import { digestOnHost, driveOf, guestDigests, inspectedDigests, novaPath } from "./drive-view.js";

describe.each(["bookworm", "trixie"] as const)("unmodified nova of %s with our driver", (release) => {
  let cloud: NovaCloud;
  let host: ComputeHost;

  beforeAll(async () => {
    cloud = await NovaCloud.start({ release, computes: 1, service: true });
    host = cloud.computes[0]!;
  }, 900_000);

  afterAll(async () => {
    await cloud?.[Symbol.asyncDispose]();
  }, 120_000);

  test("a spawn has its drive built by the service, and the guest reads every byte of it", async () => {
    const id = await cloud.boot({
      name: "born",
      metadata: { made: "by the service" },
      user_data: Buffer.from("#!/bin/sh\necho hello\n").toString("base64"),
      personality: [{ path: "/etc/hello.txt", contents: Buffer.from("hello\n").toString("base64") }],
    });
    const drive = await driveOf(cloud, host, id);
    expect(drive).toMatchObject({ project_id: "demo", pending_generation: 1 });
    expect(await digestOnHost(cloud, host, novaPath(id))).toBe(drive.generations[0]?.sha256);
    const expected = await inspectedDigests(cloud, host, id);
    expect(expected.size).toBeGreaterThan(40);
    expect(await guestDigests(cloud, id)).toEqual(expected);

    await cloud.api.delete(id);
    await expect(cloud.run(host, "ls", novaPath(id))).rejects.toThrow("No such file");
  }, 300_000);
});
