import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { Refusal } from "#drive/refusal.js";
import { Unreachable } from "../http-exchange.js";
import { OpenstackError } from "./session.js";
import type { Use } from "./use.js";
import { settle } from "./volume.js";

const form = z.object({
  server: z.object({
    id: z.uuid(),
    status: z.string(),
    tenant_id: z.string(),
    // A server that boots from a volume has an empty text here.
    image: z.union([z.object({ id: z.string() }), z.literal("")]).nullable(),
  }),
});
const attachmentsForm = z.object({ volumeAttachments: z.array(z.object({ volumeId: z.string() })) });

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** How often it is looked whether nova has forgotten an attachment. */
const LOOK_MS = 200;

/** One server of the project, as it was when it was read. */
export class Server {
  private constructor(
    readonly use: Use,
    /** nova's word for what it does, such as `ACTIVE` and `SHUTOFF`. */
    readonly status: string,
    /** The image that it was made from; unset: it boots from a volume. */
    readonly imageId: string | undefined,
  ) {}

  /** Refuses with INSTANCE_NOT_FOUND, also what is another project's. */
  static async find(use: Use): Promise<Server> {
    const { session, instanceId, signal } = use;
    if (!UUID.test(instanceId)) throw notFound(instanceId, "it is not a UUID");
    const answer = await session.call("compute", "GET", `/servers/${instanceId}`, signal).catch((error: unknown) => {
      throw isGone(error) ? notFound(instanceId, "nova has no such server in this project") : error;
    });
    const { status, tenant_id: owner, image } = form.parse(answer).server;
    const project = await session.projectId(signal);
    if (owner !== project) {
      throw notFound(instanceId, `it is of project ${owner}, and the service acts for project ${project}`);
    }
    return new Server(use, status, image === "" ? undefined : image?.id);
  }

  /** The same server for another caller. */
  for(use: Use): Server {
    return new Server(use, this.status, this.imageId);
  }

  /** The volumes that it has, also those that it is just given or that are just taken. */
  async volumes(): Promise<readonly string[]> {
    const { session, instanceId, signal } = this.use;
    const answer = await session.call("compute", "GET", attachmentsOf(instanceId), signal);
    return attachmentsForm.parse(answer).volumeAttachments.map(({ volumeId }) => volumeId);
  }

  /** Gives it a volume. Refuses with HYPERVISOR_FAILED what nova began and did not bring to its end. */
  async attach(volumeId: string): Promise<void> {
    const { session, instanceId, signal } = this.use;
    const body = { volumeAttachment: { volumeId } };
    await this.#forgotten(volumeId);
    await session.call("compute", "POST", attachmentsOf(instanceId), signal, { body });
    const volume = await settle(this.use, volumeId);
    if (volume?.status === "in-use" && volume.servers.includes(instanceId)) return;
    throw this.#refused(
      "HYPERVISOR_FAILED",
      `nova did not attach volume ${volumeId}, which is ${volume?.status ?? "gone"}`,
    );
  }

  /** Takes a volume away. Refuses with DEVICE_BUSY where the guest did not let it go. */
  async detach(volumeId: string): Promise<void> {
    const { session, instanceId, signal } = this.use;
    try {
      await session.call("compute", "DELETE", `${attachmentsOf(instanceId)}/${volumeId}`, signal);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    const volume = await settle(this.use, volumeId);
    if (volume?.servers.includes(instanceId)) {
      throw this.#refused("DEVICE_BUSY", `the guest did not let volume ${volumeId} go, which is ${volume.status}`);
    }
    await this.#forgotten(volumeId);
  }

  /** Waits until nova has forgotten that a volume was attached: it tells Cinder first, and until then refuses to attach it anew. */
  async #forgotten(volumeId: string): Promise<void> {
    const { taskMs, signal } = this.use;
    for (const end = performance.now() + taskMs; (await this.volumes()).includes(volumeId); ) {
      if (performance.now() >= end) throw new Unreachable(`nova still has volume ${volumeId} after ${taskMs} ms`);
      await pause(LOOK_MS, undefined, { signal });
    }
  }

  #refused(reason: "HYPERVISOR_FAILED" | "DEVICE_BUSY", why: string): Refusal {
    const { instanceId } = this.use;
    return new Refusal(reason, `instance ${instanceId}: ${why}`, {
      metadata: { hypervisor: "openstack", instance_id: instanceId },
    });
  }
}

function attachmentsOf(instanceId: string): string {
  return `/servers/${instanceId}/os-volume_attachments`;
}

function isGone(error: unknown): boolean {
  return error instanceof OpenstackError && error.service === "compute" && error.status === 404;
}

function notFound(instanceId: string, why: string): Refusal {
  return new Refusal("INSTANCE_NOT_FOUND", `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "openstack", instance_id: instanceId },
  });
}
