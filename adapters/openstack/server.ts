import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { Refusal } from "#drive/refusal.js";
import { Unreachable } from "../http-exchange.js";
import { tagOf } from "./names.js";
import { unlessNotFound } from "./session.js";
import type { Use } from "./use.js";
import { settle } from "./volume.js";

const form = z.object({
  server: z.object({
    id: z.uuid(),
    status: z.string(),
    tenant_id: z.string(),
    // A server that boots from a volume has an empty text here.
    image: z.union([z.object({ id: z.string() }), z.literal("")]).nullable(),
    fault: z.object({ message: z.string() }).optional(),
  }),
});
const taggedForm = z.object({ servers: z.array(z.object({ id: z.uuid() })) });
const attachmentsForm = z.object({
  volumeAttachments: z.array(z.object({ volumeId: z.string(), delete_on_termination: z.boolean() })),
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Servers have tags from 2.26 on (Compute API, "REST API Version History"). */
const TAGS = "2.26";
/** An attachment says whether its volume goes with the server from 2.79 on. */
const TERMINATION = "2.79";
/** How often it is looked whether nova has forgotten an attachment. */
const LOOK_MS = 200;

/** One server of the project, as it was when it was read. */
export class Server {
  private constructor(
    readonly use: Use,
    /** nova's id: the instance's, unless the service made the server. */
    readonly id: string,
    /** nova's word for what it does, such as `ACTIVE` and `SHUTOFF`. */
    readonly status: string,
    /** The image that it was made from; unset: it boots from a volume. */
    readonly imageId: string | undefined,
    /** Why its status is `ERROR`, where nova says so. */
    readonly fault: string | undefined,
  ) {}

  /** The server that an instance is. Refuses with INSTANCE_NOT_FOUND, also what is another project's. */
  static async find(use: Use): Promise<Server> {
    const { instanceId } = use;
    if (!UUID.test(instanceId)) throw notFound(instanceId, "it is not a UUID");
    const own = (await Server.read(use, instanceId)) ?? (await Server.tagged(use))[0];
    if (own === undefined) throw notFound(instanceId, "nova has no such server in this project");
    return own;
  }

  /** The servers that the service made for the instance: one, or more where it was cut off when it made one. */
  static async tagged(use: Use): Promise<readonly Server[]> {
    const path = `/servers?tags=${tagOf(use.instanceId)}`;
    const { servers } = taggedForm.parse(await use.session.call("compute", "GET", path, use.signal, { version: TAGS }));
    const read = await Promise.all(servers.map(({ id }) => Server.read(use, id)));
    return read.flatMap((server) => server ?? []);
  }

  /** A server by nova's id; `undefined` where there is none. Refuses with INSTANCE_NOT_FOUND what is another project's. */
  static async read(use: Use, id: string): Promise<Server | undefined> {
    const { session, instanceId, signal } = use;
    const answer = await session.call("compute", "GET", `/servers/${id}`, signal).catch(unlessNotFound);
    if (answer === undefined) return undefined;
    const { status, tenant_id: owner, image, fault } = form.parse(answer).server;
    const project = await session.projectId(signal);
    if (owner !== project) {
      throw notFound(instanceId, `it is of project ${owner}, and the service acts for project ${project}`);
    }
    return new Server(use, id, status, image === "" ? undefined : image?.id, fault?.message);
  }

  /** The same server for another caller. */
  for(use: Use): Server {
    return new Server(use, this.id, this.status, this.imageId, this.fault);
  }

  /** The volumes that it has, also those that it is just given or that are just taken; each with whether it is deleted with the server. */
  async volumes(): Promise<ReadonlyMap<string, boolean>> {
    const { session, signal } = this.use;
    const path = attachmentsOf(this.id);
    const answer = await session.call("compute", "GET", path, signal, { version: TERMINATION });
    const { volumeAttachments } = attachmentsForm.parse(answer);
    return new Map(volumeAttachments.map(({ volumeId, delete_on_termination }) => [volumeId, delete_on_termination]));
  }

  /**
   * Gives it a volume. Refuses with HYPERVISOR_FAILED what nova began and did not bring to its end.
   * @param isDeletedWithIt - whether nova deletes the volume when it deletes the server
   */
  async attach(volumeId: string, isDeletedWithIt = false): Promise<void> {
    const { session, signal } = this.use;
    const body = { volumeAttachment: { volumeId, delete_on_termination: isDeletedWithIt } };
    await this.#forgotten(volumeId);
    await session.call("compute", "POST", attachmentsOf(this.id), signal, { body, version: TERMINATION });
    const volume = await settle(this.use, volumeId);
    if (volume?.status === "in-use" && volume.servers.includes(this.id)) return;
    throw this.#refused(
      "HYPERVISOR_FAILED",
      `nova did not attach volume ${volumeId}, which is ${volume?.status ?? "gone"}`,
    );
  }

  /** Takes a volume away. Refuses with DEVICE_BUSY where the guest did not let it go. */
  async detach(volumeId: string): Promise<void> {
    const { session, signal } = this.use;
    await session.call("compute", "DELETE", `${attachmentsOf(this.id)}/${volumeId}`, signal).catch(unlessNotFound);
    const volume = await settle(this.use, volumeId);
    if (volume?.servers.includes(this.id)) {
      throw this.#refused("DEVICE_BUSY", `the guest did not let volume ${volumeId} go, which is ${volume.status}`);
    }
    await this.#forgotten(volumeId);
  }

  /** Waits until nova has forgotten that a volume was attached: it tells Cinder first, and until then refuses to attach it anew. */
  async #forgotten(volumeId: string): Promise<void> {
    const { taskMs, signal } = this.use;
    for (const end = performance.now() + taskMs; (await this.volumes()).has(volumeId); ) {
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

function attachmentsOf(serverId: string): string {
  return `/servers/${serverId}/os-volume_attachments`;
}

function notFound(instanceId: string, why: string): Refusal {
  return new Refusal("INSTANCE_NOT_FOUND", `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "openstack", instance_id: instanceId },
  });
}
