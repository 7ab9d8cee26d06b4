import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { OpenstackHypervisor } from "#adapters/openstack/adapter.js";
import type { Project } from "#adapters/openstack/project.js";
import type { NovaGuest } from "#integration/rigs/nova-guest.js";
import type { OpenstackCloud } from "#integration/rigs/openstack-cloud.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { projectOn } from "./openstack-backend.js";

/** What nova gives a drive. */
export const DISK = { kind: "disk", bus: "virtio" } as const;

/** What the cases beside the conformance suite share: one server whose guest has booted, and the adapter. */
export class Scene implements AsyncDisposable {
  /** Each case has another one. */
  driveId = "";

  private constructor(
    readonly cloud: OpenstackCloud,
    readonly project: Project,
    readonly hypervisor: OpenstackHypervisor,
    readonly server: string,
    /** Where images are written. */
    readonly images: string,
  ) {}

  static async open(cloud: OpenstackCloud): Promise<Scene> {
    const project = projectOn(cloud, { answerMs: 30_000, unplugMs: 120_000 });
    const server = await cloud.nova.boot({ name: "cases", config_drive: false });
    (await cloud.nova.guest(server))[Symbol.dispose]();
    return new Scene(
      cloud,
      project,
      new OpenstackHypervisor(project),
      server,
      await privateDirectory("openstack-cases"),
    );
  }

  nextCase(): void {
    this.driveId = randomUUID();
  }

  /** The drive's one volume. */
  async volume(driveId = this.driveId): Promise<string> {
    const [only, ...others] = await this.cloud.volumes(driveId);
    if (only === undefined || others.length > 0)
      throw new Error(`drive ${driveId} has ${others.length + 1} volumes or none`);
    return only.id;
  }

  /** The guest of the shared server. It has booted; its console may have forgotten that, for a server that is resumed begins a new one. */
  async guest(): Promise<NovaGuest> {
    return await this.cloud.nova.guest(this.server, true);
  }

  /** Another server, which is off; it goes with this. */
  async stopped(): Promise<AsyncDisposable & { readonly id: string }> {
    const { nova } = this.cloud;
    const id = await nova.boot({ name: "other", config_drive: false });
    await nova.act(id, { "os-stop": null }, "SHUTOFF");
    const remove = async () => {
      if (await nova.api.knows(id)) await nova.api.delete(id);
    };
    return { id, [Symbol.asyncDispose]: remove };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hypervisor.close();
    await rm(this.images, { recursive: true });
  }
}
