import { z } from "zod";
import type { Notification } from "#bus/notification/notification.js";
import { decodeVersionedPayload } from "#bus/notification/versioned-payload.js";

/** What a notification of nova's tells of an instance that has to do with its drives. */
export interface InstanceNews {
  readonly what: "deleted" | "renamed";
  readonly instanceId: string;
  readonly projectId: string;
}

const PREFIX = "nova_object";
/** The major version of the payloads that are read here: a minor one adds fields only (nova's notification reference). */
const MAJOR = "1";

const named = z.looseObject({ uuid: z.guid(), tenant_id: z.string() });
const renamed = named.extend({ old_display_name: z.string() });

/**
 * What a versioned notification of nova's tells; `undefined` for all that has nothing to do with drives, and for payloads of another
 * form than is known here. `instance.delete.end` is nova's word that an instance is deleted, also while its compute host is down;
 * `instance.update` names the old name where it was changed.
 */
export function instanceNews({ eventType, payload }: Notification): InstanceNews | undefined {
  const versioned = decodeVersionedPayload(PREFIX, payload);
  if (versioned === undefined || versioned.version.split(".")[0] !== MAJOR) return undefined;
  const { data } = versioned;
  // Not `instance.soft_delete.end`: that can be taken back.
  if (eventType === "instance.delete.end") return news("deleted", named.safeParse(data).data);
  if (eventType === "instance.update") return news("renamed", renamed.safeParse(data).data);
  return undefined;
}

function news(what: InstanceNews["what"], data: z.infer<typeof named> | undefined): InstanceNews | undefined {
  return data === undefined ? undefined : { what, instanceId: data.uuid, projectId: data.tenant_id };
}
