import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Catalog } from "#drive/catalog.js";
import type { DriveService } from "#drive/service.js";
import { OwnToken } from "#keystone/own-token.js";
import { ComputeApi } from "#nova/compute-api.js";
import { VanishedInstances } from "#nova/vanished-instances.js";
import type { NovaApiSettings } from "./config/nova-api.js";
import { type Repeated, repeat } from "./repeat.js";

/** What agents of hosts call their hypervisor where nova-compute shows drives (adapters/nova). */
const NOVA = "nova";

/** Looks for instances that nova no longer has, again and again. What fails is told in the log and tried again. */
export function lookForVanished(
  settings: NovaApiSettings,
  catalog: Pick<Catalog, "held" | "attached">,
  drives: Pick<DriveService, "releaseInstance" | "hosts">,
  logger: Logger,
): Repeated {
  const vanished = new VanishedInstances({
    ...{ catalog, drives, newId: randomUUID },
    isNovas: (name) => drives.hosts().some(({ host, hypervisor }) => host === name && hypervisor.name === NOVA),
    api: new ComputeApi(settings, new OwnToken(settings.login, Date.now)),
    report: ({ instanceId, projectId }, outcome) => {
      const fields = { event: "instance", what: "vanished", instance_id: instanceId, project_id: projectId };
      const text = `nova no longer has instance ${instanceId}`;
      if ("error" in outcome) logger.warn({ ...fields, err: outcome.error }, `${text}; not all of it was let go of`);
      else logger.info({ ...fields, deleted: outcome.deleted }, `${text}; its drives are let go of`);
    },
  });
  return repeat(settings.everyMs, async (signal) => {
    try {
      await vanished.look(signal);
    } catch (error) {
      if (!signal.aborted) logger.warn({ event: "nova_not_asked", err: error }, "nova was not asked for its instances");
    }
  });
}
