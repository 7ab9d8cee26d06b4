import { rm } from "node:fs/promises";
import { OpenstackHypervisor } from "#adapters/openstack/adapter.js";
import { Project } from "#adapters/openstack/project.js";
import { serialOf, serials } from "#integration/rigs/guest-volumes.js";
import type { NovaGuest } from "#integration/rigs/nova-guest.js";
import type { OpenstackCloud } from "#integration/rigs/openstack-cloud.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { until } from "#integration/rigs/wait.js";
import { OwnToken } from "#keystone/own-token.js";
import type { Backend, BackendKind, Instance, Patience } from "../adapters/backend.js";
import type { SampleImage } from "../adapters/sample-image.js";

/** A real OpenStack, of which the adapter knows Keystone's address and a member of a project. */
export function openstackBackend(cloud: () => OpenstackCloud): BackendKind {
  return {
    adapter: "openstack",
    where: "Keystone's catalog, volumes on NFS",
    abilities: ["disks", "boots", "stores", "restarts", "hangs", "credentials"],
    machines: ["server"],
    forms: [{ kind: "disk", bus: "virtio" }],
    turnMs: 600_000,
    start: async (): Promise<Backend> => {
      const standing = cloud();
      const images = await privateDirectory("openstack-images");
      return {
        against: await standing.versions(),
        images,
        open: (patience) => new OpenstackHypervisor(projectOn(standing, patience)),
        openAsStranger: (patience) => new OpenstackHypervisor(projectOn(standing, patience, "a-wrong-one")),
        instance: () => instanceOf(standing),
        restart: () => standing.restart(),
        kept: () => standing.kept(),
        [Symbol.asyncDispose]: () => rm(images, { recursive: true }),
      };
    },
  };
}

/** The project as a service opens it. */
export function projectOn(
  cloud: OpenstackCloud,
  { answerMs, unplugMs }: Patience,
  password = cloud.keystone.password,
): Project {
  const tokens = new OwnToken(cloud.member(answerMs, password), Date.now, true);
  return new Project({ tokens, interface: "public", answerMs, taskMs: unplugMs });
}

async function instanceOf(cloud: OpenstackCloud): Promise<Instance> {
  const { nova } = cloud;
  const id = await nova.boot({ name: "conformance", config_drive: false });
  await nova.act(id, { "os-stop": null }, "SHUTOFF");
  let guest: NovaGuest | undefined;
  const leave = () => {
    guest?.[Symbol.dispose]();
    guest = undefined;
  };
  return {
    id,
    stage: async () => undefined,
    start: () => nova.act(id, { "os-start": null }, "ACTIVE"),
    booted: async () => {
      guest = await nova.guest(id);
    },
    powerOff: async () => {
      leave();
      await nova.act(id, { "os-stop": null }, "SHUTOFF");
    },
    reads: async (...images) => {
      if (guest === undefined) throw new Error("the guest has not booted");
      await readsIn(guest, cloud, images);
    },
    hang: () => cloud.hang(),
    [Symbol.asyncDispose]: async () => {
      leave();
      await nova.api.delete(id);
    },
  };
}

/** What a guest should read of a drive. */
export type Read = Pick<SampleImage, "driveId" | "sizeBytes" | "sha256">;

/** A volume is larger than its image: what a guest reads of it is as much as the image has, then zeros. */
export async function readsIn(guest: NovaGuest, cloud: OpenstackCloud, images: readonly Read[]): Promise<void> {
  const volumes = await Promise.all(images.map(({ driveId }) => cloud.volumes(driveId)));
  const expected = volumes.flat().map(({ id }) => serialOf(id));
  expect(expected).toHaveLength(images.length);
  const disks = await until(30_000, "the guest to have exactly its drives", async () => {
    const now = await serials(guest);
    return [...now.keys()].sort().join() === [...expected].sort().join() && now;
  });
  await guest.check("echo 3 > /proc/sys/vm/drop_caches");
  for (const [index, { sizeBytes, sha256 }] of images.entries()) {
    const device = `/dev/${disks.get(expected[index] ?? "")}`;
    expect((await guest.check(`head -c ${sizeBytes} ${device} | sha256sum`)).slice(0, 64)).toBe(sha256);
    // Nothing of an earlier, longer generation.
    const rest = `tail -c +${sizeBytes + 1} ${device} | head -c 262144 | tr -d '\\0' | wc -c`;
    expect((await guest.check(rest)).trim()).toBe("0");
  }
}
