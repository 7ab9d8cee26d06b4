import { z } from "zod";
import { Refusal } from "#drive/refusal.js";
import { type LxdApi, LxdError } from "./api.js";
import { deviceName, parseDevice } from "./names.js";

/** On whose behalf something is done, and until when. */
export interface Use {
  readonly api: LxdApi;
  readonly instanceId: string;
  readonly signal: AbortSignal;
}

const devices = z.record(z.string(), z.record(z.string(), z.string()));
const form = z.object({
  type: z.string(),
  architecture: z.string(),
  config: z.record(z.string(), z.string()),
  devices,
  ephemeral: z.boolean(),
  profiles: z.array(z.string()).nullable(),
  description: z.string(),
  stateful: z.boolean(),
});
const idmap = z.array(z.object({ Isuid: z.boolean(), Hostid: z.int(), Nsid: z.int() }));

/** LXD's own rule for names (RFC 1123); another name would lead elsewhere in the API. */
const INSTANCE = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** How often a change is begun anew after somebody else's (412). */
const ATTEMPTS = 5;

/** A drive that a container has. */
export interface Shown {
  readonly driveId: string;
  readonly generation: number;
}

/** One container, as it was when it was read. */
export class Container {
  private constructor(
    readonly use: Use,
    private readonly state: z.infer<typeof form>,
    private readonly etag: string | undefined,
  ) {}

  /** Reads it. Refuses with INSTANCE_NOT_FOUND, and with BUS_NOT_AVAILABLE what is no container. */
  static async read(use: Use): Promise<Container> {
    const { api, instanceId, signal } = use;
    if (!INSTANCE.test(instanceId)) throw notFound(instanceId);
    const { metadata, etag } = await api.get(pathOf(instanceId), signal).catch((error: unknown) => {
      throw error instanceof LxdError && error.status === 404 ? notFound(instanceId) : error;
    });
    const state = form.parse(metadata);
    if (state.type === "container") return new Container(use, state, etag);
    throw new Refusal("BUS_NOT_AVAILABLE", `instance ${instanceId} is a ${state.type}: only containers are served`, {
      metadata: { hypervisor: "lxd", instance_id: instanceId },
    });
  }

  /** The drives that it has, now if it runs, or at its next start. */
  get drives(): readonly Shown[] {
    return Object.entries(this.state.devices).flatMap(([name, { source = "" }]) => parseDevice(name, source) ?? []);
  }

  /** Who the container's root is on the host; 0 for a privileged one. */
  get owner(): number {
    const text = this.state.config["volatile.idmap.current"] ?? this.state.config["volatile.idmap.next"] ?? "[]";
    return idmap.parse(JSON.parse(text)).find(({ Isuid, Nsid }) => Isuid && Nsid === 0)?.Hostid ?? 0;
  }

  /** Shows a folder to it at a path, read-only; also in place of another one. */
  async show(driveId: string, source: string, path: string): Promise<void> {
    const device = { type: "disk", source, path, readonly: "true" };
    await this.#change((now) => ({ ...now, [deviceName(driveId)]: device }));
  }

  /** Takes a drive's device away. */
  async take(driveId: string): Promise<void> {
    await this.#change(({ [deviceName(driveId)]: _taken, ...others }) => others);
  }

  /** Changes its devices; where somebody else changes it at the same time, once more on what there is then. */
  async #change(devicesFrom: (now: z.infer<typeof devices>) => z.infer<typeof devices>): Promise<void> {
    const { api, instanceId, signal } = this.use;
    let last: Container = this;
    for (let attempt = 1; ; attempt++) {
      const { type: _type, ...state } = last.state;
      const body = { ...state, devices: devicesFrom(state.devices) };
      try {
        return await api.change("PUT", pathOf(instanceId), body, last.etag, signal);
      } catch (error) {
        if (!(error instanceof LxdError && error.status === 412) || attempt === ATTEMPTS) throw error;
        last = await Container.read(this.use);
      }
    }
  }
}

function pathOf(instanceId: string): string {
  return `/1.0/instances/${instanceId}`;
}

function notFound(instanceId: string): Refusal {
  return new Refusal("INSTANCE_NOT_FOUND", `LXD has no instance ${instanceId}`, {
    metadata: { hypervisor: "lxd", instance_id: instanceId },
  });
}
