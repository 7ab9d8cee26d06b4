import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Device } from "#drive/drive.js";
import type { DeviceWish, PlacedImage, Wait } from "#drive/hypervisor.js";
import type { Launchable, Launcher, ShownDrive } from "#drive/launcher.js";
import { Refusal } from "#drive/refusal.js";
import { templateRefusal, withoutValues } from "../template-refusal.js";
import { chooseAtStart } from "./choose.js";
import { sweep } from "./detach.js";
import { filled } from "./fill.js";
import { sweepImages, unlessInUse } from "./images.js";
import { tagOf } from "./names.js";
import type { Project } from "./project.js";
import { refresh } from "./refresh.js";
import { Server } from "./server.js";
import { OpenstackError, unlessNotFound } from "./session.js";
import { type BootVolume, parseTemplate, type ServerTemplate, serverBody } from "./template.js";
import { type Use, undo } from "./use.js";
import { volumesOf } from "./volume.js";

/** A new server has tags from 2.52 on (Compute API, "REST API Version History"). */
const TAGGED = "2.52";
const LOOK_MS = 500;
/** What nova says of a server that is off, for good or for now. */
const OFF: readonly string[] = ["SHUTOFF", "ERROR", "DELETED", "SOFT_DELETED", "SHELVED", "SHELVED_OFFLOADED"];

const made = z.object({ server: z.object({ id: z.uuid() }) });

/**
 * Servers that the service makes: nova boots each with the drive's volume in its block device mapping, so that it is there at the
 * first boot. nova gives them ids of its own; they are found again by their tag.
 */
export class OpenstackLauncher implements Launcher {
  constructor(private readonly project: Project) {}

  async plan(
    instance: Launchable,
    image: Pick<PlacedImage, "driveId" | "format" | "sizeBytes">,
    wish: DeviceWish,
  ): Promise<Device> {
    const { imageRef } = parseTemplate(instance);
    const wait = { signal: AbortSignal.timeout(this.project.answerMs) };
    return await this.project.use(instance.id, wait, (use) => chooseAtStart(use, imageRef, image, wish));
  }

  async launch(instance: Launchable, drives: readonly ShownDrive[], wait: Wait): Promise<void> {
    const template = parseTemplate(instance);
    await this.project.use(instance.id, wait, async (use) => {
      const standing = await Server.tagged(use);
      const [server] = standing;
      if (server === undefined || standing.some(({ status }) => status === "ERROR")) {
        await remove(use, standing);
        await boot(use, instance, template, drives);
      } else if (server.status === "BUILD") {
        requireActive(await reached(use, server.id, "ACTIVE"), use);
      } else if (OFF.includes(server.status)) {
        for (const { image } of drives) await refresh(server, image);
        await act(use, server, { "os-start": null }, "ACTIVE");
      }
    });
  }

  /** nova itself asks the guest first, and switches it off when its own time for that is over (`shutdown_timeout`). */
  async stop(instanceId: string, _graceMs: number, wait: Wait): Promise<void> {
    await this.project.use(instanceId, wait, async (use) => {
      for (const server of await Server.tagged(use)) {
        if (!OFF.includes(server.status)) await act(use, server, { "os-stop": null }, "SHUTOFF");
      }
    });
  }

  async destroy(instanceId: string, wait: Wait): Promise<void> {
    await this.project.use(instanceId, wait, async (use) => remove(use, await Server.tagged(use)));
  }

  async runs(instanceId: string, wait: Wait): Promise<boolean> {
    return await this.project.use(instanceId, wait, async (use) => {
      return (await Server.tagged(use)).some(({ status }) => status !== "BUILD" && !OFF.includes(status));
    });
  }
}

/** Makes a server with the drives in it. Where it does not come up, nothing is left of it, and the drives have no volumes. */
async function boot(
  use: Use,
  instance: Launchable,
  template: ServerTemplate,
  drives: readonly ShownDrive[],
): Promise<void> {
  try {
    const volumes: BootVolume[] = [];
    for (const { image, deleteOnTermination } of drives) {
      await sweepImages(use, image.driveId, unlessInUse);
      const { id } = await filled(use, image, await volumesOf(use, image.driveId));
      volumes.push({ id, isDeletedWithIt: deleteOnTermination });
    }
    const id = await create(use, template, serverBody(template, instance, tagOf(instance.id), volumes));
    const server = requireActive(await reached(use, id, "ACTIVE"), use, template);
    const shown = await server.volumes();
    const missing = volumes.find((volume) => !shown.has(volume.id));
    if (missing !== undefined) throw failed(use, `nova booted it without volume ${missing.id}`);
    for (const { image } of drives) await sweep(use, image.driveId);
  } catch (error) {
    await undo(use, async (now) => {
      await remove(now, await Server.tagged(now));
      for (const { image } of drives) await sweep(now, image.driveId);
    });
    throw error;
  }
}

/** Refuses with INVALID_ARGUMENT what nova has against the template, without the values in it: each may be a secret. */
async function create({ session, signal }: Use, { values }: ServerTemplate, body: object): Promise<string> {
  try {
    return made.parse(await session.call("compute", "POST", "/servers", signal, { body, version: TAGGED })).server.id;
  } catch (error) {
    if (!(error instanceof OpenstackError)) throw error;
    const message = withoutValues(error.message, values);
    if (error.status === 400) throw templateRefusal("", `nova does not take it: ${message}`);
    throw new OpenstackError(error.service, error.status, message, error.retryAfterMs);
  }
}

/** Deletes servers, and waits until nova no longer knows them. */
async function remove(use: Use, servers: readonly Server[]): Promise<void> {
  for (const { id } of servers) {
    await use.session.call("compute", "DELETE", `/servers/${id}`, use.signal).catch(unlessNotFound);
    const left = await reached(use, id, "DELETED");
    if (left !== undefined && left.status !== "DELETED") throw failed(use, `nova did not delete server ${id}`);
  }
}

async function act(use: Use, server: Server, action: object, status: string): Promise<void> {
  await use.session.call("compute", "POST", `/servers/${server.id}/action`, use.signal, { body: action });
  const now = await reached(use, server.id, status);
  if (now?.status !== status) throw failed(use, `it is ${now?.status ?? "gone"}, not ${status}`);
}

/** A server once it has a status, has an error, or has not come so far in its time; `undefined` where it is gone. */
async function reached(use: Use, id: string, status: string): Promise<Server | undefined> {
  for (const end = performance.now() + use.taskMs; ; ) {
    const server = await Server.read(use, id);
    if (server === undefined || server.status === status || performance.now() >= end) return server;
    if (server.status === "ERROR" && status !== "DELETED") return server;
    await pause(LOOK_MS, undefined, { signal: use.signal });
  }
}

function requireActive(server: Server | undefined, use: Use, template?: ServerTemplate): Server {
  if (server?.status === "ACTIVE") return server;
  const why = server?.fault === undefined ? "" : `: ${withoutValues(server.fault, template?.values ?? [])}`;
  throw failed(use, `nova did not boot it, it is ${server?.status ?? "gone"}${why}`);
}

function failed({ instanceId }: Use, why: string): Refusal {
  return new Refusal("HYPERVISOR_FAILED", `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "openstack", instance_id: instanceId },
  });
}
