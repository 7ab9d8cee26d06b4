import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { Refusal } from "#drive/refusal.js";
import { Unreachable } from "../http-exchange.js";
import { AnswerError, type Api, ApiError } from "./api.js";
import { MARK, type Mark, readMark } from "./mark.js";
import type { ImageServer } from "./media/image-server.js";
import { MEDIA_MARK, type MediaMark, readMediaMark } from "./media/mark.js";
import { stageOf } from "./states.js";

/** On whose behalf something is done, under which rules, and until when. */
export interface Use {
  readonly api: Api;
  readonly instanceId: string;
  /** Whether a node that is deployed may be rebuilt: its disk is written anew. */
  readonly rebuild: boolean;
  /** What hands images to conductors; unset: no virtual media. */
  readonly media?: ImageServer;
  /** Milliseconds for a deploy or rebuild, and for a change of virtual media. */
  readonly deployMs: number;
  /** Most bytes of an image as text. */
  readonly maxTextBytes: number;
  readonly signal: AbortSignal;
}

/** What a node was like when it was looked at. */
export interface Look {
  readonly uuid: string;
  readonly state: string;
  readonly maintenance: boolean;
  /** Ironic neither rebuilds nor undeploys it. */
  readonly isProtected: boolean;
  readonly lastError: string;
  /** Whether Ironic holds a config drive for it, ours or another one. */
  readonly holds: boolean;
  readonly mark: Mark | undefined;
  /** Which drive of ours it has as its CD. */
  readonly media: MediaMark | undefined;
  /** Whether somebody works on it. */
  readonly locked: boolean;
}

const answer = z.object({
  uuid: z.uuid(),
  provision_state: z.string(),
  maintenance: z.boolean(),
  protected: z.boolean(),
  last_error: z.string().nullish(),
  reservation: z.string().nullish(),
  instance_info: z.record(z.string(), z.unknown()),
  extra: z.record(z.string(), z.unknown()),
});
const found = z.object({ nodes: z.array(answer) });

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const FIELDS = "uuid,provision_state,maintenance,protected,last_error,reservation,instance_info,extra";
/** Pauses between two looks at a node that is being deployed. */
const FIRST_MS = 100;
const LAST_MS = 5000;

/** One node of Ironic, found by the UUID of the instance on it, as nova and others set it. */
export class Node {
  private constructor(
    readonly use: Use,
    readonly uuid: string,
  ) {}

  /** Refuses with INSTANCE_NOT_FOUND. Gives what the node is like, too. */
  static async find(use: Use): Promise<[Node, Look]> {
    const { api, instanceId, signal } = use;
    if (!UUID.test(instanceId)) throw notFound(instanceId, "it is not a UUID");
    const path = `/v1/nodes?instance_uuid=${instanceId}&fields=${FIELDS}`;
    const [node] = read(found, await api.call("GET", path, undefined, signal)).nodes;
    if (node === undefined) throw notFound(instanceId, "Ironic has no node with that instance");
    return [new Node(use, node.uuid), lookOf(node)];
  }

  /** As `find`, once no deploy is under way any more; one that an earlier process of this service has begun is completed. */
  static async findSettled(use: Use): Promise<[Node, Look]> {
    const [node, look] = await Node.find(use);
    if (stageOf(look.state) !== "deploying") return [node, look];
    const after = await node.deployed();
    const { mark } = after;
    if (after.state !== "active" || mark?.writing === undefined) return [node, after];
    return [node, await node.write({ mark: mark.writing === 0 ? undefined : { ...mark, ...done(mark.writing) } })];
  }

  /** A node by its own UUID, whatever instance it has; `undefined` where Ironic has none. */
  static async known(use: Use, uuid: string): Promise<[Node, Look] | undefined> {
    const node = new Node(use, uuid);
    const look = await node.look().catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    });
    return look === undefined ? undefined : [node, look];
  }

  /** The same node under another signal. */
  until(signal: AbortSignal): Node {
    return new Node({ ...this.use, signal }, this.uuid);
  }

  /** What it is like at this moment. */
  async look(): Promise<Look> {
    const { api, signal } = this.use;
    return lookOf(read(answer, await api.call("GET", `/v1/nodes/${this.uuid}?fields=${FIELDS}`, undefined, signal)));
  }

  /**
   * Writes the mark (`undefined`: none) and, where it is given, the config drive, in one change.
   * @param change.configdrive - as text; null: none
   */
  async write(change: { readonly mark: Mark | undefined; readonly configdrive?: string | null }): Promise<Look> {
    const { api, signal } = this.use;
    const now = await this.look();
    const patch = [...operation(`instance_info/${MARK}`, now.mark !== undefined, change.mark)];
    if (change.configdrive !== undefined) {
      patch.push(...operation("instance_info/configdrive", now.holds, change.configdrive ?? undefined));
    }
    if (patch.length === 0) return now;
    return lookOf(read(answer, await api.call("PATCH", `/v1/nodes/${this.uuid}`, patch, signal)));
  }

  /** Writes which drive of ours it has as its CD (`undefined`: none). */
  async writeMedia(mark: MediaMark | undefined): Promise<void> {
    const { api, signal } = this.use;
    const patch = operation(`extra/${MEDIA_MARK}`, (await this.look()).media !== undefined, mark);
    if (patch.length > 0) await api.call("PATCH", `/v1/nodes/${this.uuid}`, patch, signal);
  }

  /** Has the node's disk written anew, with this config drive, or with what is stored. Ends once Ironic has begun. */
  async rebuild(configdrive?: string): Promise<void> {
    const { api, signal } = this.use;
    const body = { target: "rebuild", ...(configdrive === undefined ? {} : { configdrive }) };
    await api.call("PUT", `/v1/nodes/${this.uuid}/states/provision`, body, signal);
  }

  /** Waits until no deploy is under way. Throws Unreachable after the time for one. */
  async deployed(): Promise<Look> {
    return await this.#once(
      ({ state }) => stageOf(state) !== "deploying",
      ({ state }) => state,
    );
  }

  /** Waits until nobody works on it. Throws Unreachable after the time for a deploy. */
  async unlocked(): Promise<Look> {
    return await this.#once(
      ({ locked }) => !locked,
      () => "locked",
    );
  }

  async #once(holds: (look: Look) => boolean, otherwise: (look: Look) => string): Promise<Look> {
    const { deployMs, signal } = this.use;
    const until = performance.now() + deployMs;
    for (let wait = FIRST_MS; ; wait = Math.min(wait * 2, LAST_MS)) {
      const look = await this.look();
      if (holds(look)) return look;
      if (performance.now() >= until)
        throw new Unreachable(`the node is still ${otherwise(look)} after ${deployMs} ms`);
      await pause(wait, undefined, { signal });
    }
  }
}

/** The part of a mark that says that a generation was written. */
export function done(generation: number): Pick<Mark, "generation" | "writing"> {
  return { generation, writing: undefined };
}

function operation(field: string, there: boolean, value: unknown): readonly object[] {
  const path = `/${field}`;
  if (value === undefined) return there ? [{ op: "remove", path }] : [];
  return [{ op: "add", path, value }];
}

function lookOf(node: z.infer<typeof answer>): Look {
  const { configdrive, [MARK]: mark } = node.instance_info;
  return {
    uuid: node.uuid,
    state: node.provision_state,
    maintenance: node.maintenance,
    isProtected: node.protected,
    lastError: node.last_error ?? "",
    holds: configdrive !== undefined && configdrive !== null && configdrive !== "",
    mark: readMark(mark),
    media: readMediaMark(node.extra[MEDIA_MARK]),
    locked: typeof node.reservation === "string",
  };
}

function read<T>(form: z.ZodType<T>, body: unknown): T {
  const result = form.safeParse(body);
  if (result.success) return result.data;
  throw new AnswerError(z.prettifyError(result.error));
}

function notFound(instanceId: string, why: string): Refusal {
  return new Refusal("INSTANCE_NOT_FOUND", `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "ironic", instance_id: instanceId },
  });
}
