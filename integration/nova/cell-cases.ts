import type { ComputeHost } from "../rigs/nova-cloud.js";
import { until } from "../rigs/wait.js";
import { agreesOn, nothingOn, otherThan } from "./agreement.js";
import { guestDigests, knowsDrive, ownDriveId, shownInDomain } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** Of the service's configuration: it hears what nova tells of its servers, in every cell. */
export const HEARING = `[nova_notifications]
topic = configdrive_notifications
`;

/** One service for two cells of nova's, which have a broker each. */
export function cellCases(setting: () => Setting): void {
  test("a server of each cell has its drive built, taken away and given back by one service, which hears of its end", async () => {
    const { cloud } = setting();
    for (const host of cloud.computes) {
      const id = await cloud.boot({ name: host.name, availability_zone: `nova:${host.name}` });
      await agreesOn(cloud, id, host);
      const born = await guestDigests(cloud, id);
      const driveId = ownDriveId(id);
      await cloud.drive(host, "detach", driveId);
      expect(await shownInDomain(cloud, host, id)).toBe(false);
      await cloud.drive(host, "attach", driveId, id);
      expect(await guestDigests(cloud, id)).toEqual(born);

      await cloud.api.delete(id);
      await nothingOn(cloud, host, id);
      await until(
        60_000,
        "the drive to be gone with its server",
        async () => !(await knowsDrive(cloud, host, id)),
        300,
      );
      await until(60_000, "nova's notification of it to be heard", async () => (await said(host)).includes(id), 300);
    }
  }, 600_000);

  test("each host is reached at the broker of its own cell alone, and answered there", async () => {
    const { cloud } = setting();
    const [first, second] = cloud.computes;
    for (const [vhost, host] of [
      ["/", first],
      ["cell2", second],
    ] as const) {
      if (host === undefined) throw new Error("the cloud has two compute hosts");
      const queues = (await broker("list_queues", "--vhost", vhost, "name")).split("\n");
      for (const topic of ["configdrive_plugin", "configdrive_agent", "compute"]) {
        expect(queues).toContain(`${topic}.${host.name}`);
        expect(queues).not.toContain(`${topic}.${otherThan(cloud, host).name}`);
      }
      expect(queues).toContain("configdrive");
    }
    // An answer at another broker would have found no queue of its plugin's.
    const lost = 'grep \'"event":"unanswered"\' /var/log/nova/configdrive.log | grep Undeliverable || true';
    expect(await cloud.run(cloud.serviceOf(cloud.computes[0]!), "sh", "-c", lost)).toBe("");
  }, 60_000);

  /** What the service's log has of instances that nova told it are deleted. */
  function said(host: ComputeHost): Promise<string> {
    const { cloud } = setting();
    const deleted = 'grep \'"what":"deleted"\' /var/log/nova/configdrive.log || true';
    return cloud.run(cloud.serviceOf(host), "sh", "-c", deleted);
  }

  function broker(...command: string[]): Promise<string> {
    const { cloud } = setting();
    const controller = { name: "controller", container: cloud.controller };
    return cloud.run(controller, "rabbitmqctl", "-q", "-n", "rabbit@localhost", ...command);
  }
}
