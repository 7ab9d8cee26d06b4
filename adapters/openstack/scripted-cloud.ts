import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import type { TokenSource } from "./session.js";

/** What is asked of a service: the method and the path, with `ID` in the place of each id and without the query. */
export type Step = `${"GET" | "POST" | "PUT" | "DELETE"} /${string}`;

/** An answer in the place of the service's own. */
export interface Fault {
  readonly status: number;
  readonly text?: string;
  /** The seconds that it asks to wait (`Retry-After`). */
  readonly retryAfter?: number;
  /** Whether the service has done what it was asked all the same. */
  readonly isDone?: boolean;
}

interface ScriptedVolume {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  size: number;
  status: string;
  metadata: Record<string, string>;
  attachments: { readonly server_id: string; readonly isDeletedWithIt: boolean }[];
  /** What a guest would read. */
  content: string;
}

interface ScriptedServer {
  readonly name: string;
  /** One that is in BUILD is ACTIVE when it is looked at again. */
  status: string;
  readonly tags: readonly string[];
}

interface Asked {
  readonly ids: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

type Handler = (asked: Asked) => object | undefined;

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const PROJECT = "p1";
const metadata = z.record(z.string(), z.string());
const asked = {
  image: z.object({ name: z.string() }),
  volume: z.object({
    volume: z.object({
      ...{ name: z.string(), description: z.string(), size: z.number(), imageRef: z.string() },
      metadata,
    }),
  }),
  metadata: z.object({ metadata }),
  reimage: z.object({ "os-reimage": z.object({ image_id: z.string() }) }),
  server: z.object({
    server: z.object({
      name: z.string(),
      tags: z.array(z.string()),
      block_device_mapping_v2: z.array(
        z.object({ source_type: z.string(), uuid: z.string(), delete_on_termination: z.boolean() }),
      ),
    }),
  }),
  attachment: z.object({
    volumeAttachment: z.strictObject({ volumeId: z.string(), delete_on_termination: z.boolean() }),
  }),
};

/**
 * An OpenStack for unit tests, over HTTP: nova's servers, Glance's images and Cinder's volumes. What it is asked it has done at
 * once, unless a fault is put there.
 */
export class ScriptedCloud implements AsyncDisposable {
  /** A server that runs. */
  readonly server: string = randomUUID();
  readonly servers = new Map<string, ScriptedServer>([[this.server, { name: "s", status: "ACTIVE", tags: [] }]]);
  readonly volumes = new Map<string, ScriptedVolume>();
  readonly images = new Map<string, { readonly name: string; content: string }>();
  /** Each fault is answered once. */
  readonly faults = new Map<Step, Fault>();
  /** Cinder's messages to its users. */
  readonly messages: string[] = [];
  /** Whether volumes are clones of their images, as on Ceph: Glance keeps an image as long as there is a volume. */
  isCloning = false;
  /** The status of volumes that are made. */
  made = "available";
  /** Told of each request, before it is answered. */
  onStep: (step: string) => void = () => undefined;

  private constructor(private readonly http: Server) {}

  static async start(): Promise<ScriptedCloud> {
    const http = createServer((request, response) => {
      void buffer(request).then((body) => {
        const { pathname, searchParams } = new URL(request.url ?? "", "http://cloud");
        const { status, text = "", retryAfter } = cloud.#answer(`${request.method} ${pathname}`, searchParams, body);
        response.writeHead(status, retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }).end(text);
      });
    });
    const cloud = new ScriptedCloud(http);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return cloud;
  }

  /** Who has logged in. */
  get tokens(): TokenSource {
    const address = this.http.address();
    const port = typeof address === "object" ? address?.port : 0;
    const endpoints = ["compute", "image", "block-storage"].map((type) => ({
      ...{ type, interface: "public", region: "", url: `http://127.0.0.1:${port}` },
    }));
    return { project: async () => ({ token: "t", projectId: PROJECT, endpoints }), forget: () => undefined };
  }

  /** The names of all volumes and images. */
  kept(): string[] {
    return [...this.volumes.values(), ...this.images.values()].map(({ name }) => name);
  }

  /** What a server's guest reads, volume by volume. */
  read(server = this.server): string[] {
    return this.#attached(server).map(({ content }) => content);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  #answer(called: string, query: URLSearchParams, body: Buffer): Fault {
    const step = called.replace(ID, "ID").replace("/v2/", "/");
    this.onStep(step);
    if (this.isCloning && step === "DELETE /images/ID" && this.volumes.size > 0) return { status: 409, text: "in use" };
    const [found] = [...this.faults].filter(([on]) => on === step);
    if (found !== undefined) this.faults.delete(found[0]);
    const fault = found?.[1];
    const handler = this.#handlers[step];
    const ids = called.match(ID) ?? [];
    const done = fault === undefined || fault.isDone ? handler?.({ ids, query, body }) : undefined;
    if (fault !== undefined) return fault;
    return done === undefined ? { status: 404 } : { status: 200, text: JSON.stringify(done) };
  }

  readonly #handlers: Readonly<Record<string, Handler>> = {
    "GET /servers/ID": ({ ids: [id = ""] }) => {
      const server = this.servers.get(id);
      if (server === undefined) return undefined;
      const { status } = server;
      if (status === "BUILD") server.status = "ACTIVE";
      return { server: { id, status, tenant_id: PROJECT, image: "" } };
    },
    "GET /servers": ({ query }) => {
      const tagged = [...this.servers].filter(([, { tags }]) => tags.includes(query.get("tags") ?? ""));
      return { servers: tagged.map(([id]) => ({ id })) };
    },
    "POST /servers": ({ body }) => {
      const { block_device_mapping_v2: devices, ...wish } = asked.server.parse(jsonOf(body)).server;
      const id = randomUUID();
      this.servers.set(id, { ...wish, status: "BUILD" });
      for (const { source_type, uuid, delete_on_termination } of devices) {
        if (source_type === "volume") this.#attach(uuid, id, delete_on_termination);
      }
      return { server: { id } };
    },
    "DELETE /servers/ID": ({ ids: [id = ""] }) => {
      for (const volume of this.#attached(id)) {
        if (volume.attachments.some(({ isDeletedWithIt }) => isDeletedWithIt)) this.volumes.delete(volume.id);
        this.#change(volume.id, { status: "available", attachments: [] });
      }
      return this.servers.delete(id) ? {} : undefined;
    },
    "GET /servers/ID/os-volume_attachments": ({ ids: [id = ""] }) => ({
      volumeAttachments: this.#attached(id).map((volume) => ({
        volumeId: volume.id,
        delete_on_termination: volume.attachments.some(({ isDeletedWithIt }) => isDeletedWithIt),
      })),
    }),
    "POST /servers/ID/os-volume_attachments": ({ ids: [id = ""], body }) => {
      const { volumeId, delete_on_termination } = asked.attachment.parse(jsonOf(body)).volumeAttachment;
      return this.#attach(volumeId, id, delete_on_termination);
    },
    "DELETE /servers/ID/os-volume_attachments/ID": ({ ids: [, id] }) =>
      this.#change(id, { status: "available", attachments: [] }),
    "GET /images": ({ query }) => ({ images: named(this.images, query).map(([id]) => ({ id })) }),
    "POST /images": ({ body }) => {
      const id = randomUUID();
      this.images.set(id, { ...asked.image.parse(jsonOf(body)), content: "" });
      return { id };
    },
    "PUT /images/ID/file": ({ ids: [id = ""], body }) =>
      Object.assign(this.images.get(id) ?? {}, { content: body.toString() }),
    "DELETE /images/ID": ({ ids: [id = ""] }) => (this.images.delete(id) ? {} : undefined),
    "GET /volumes/detail": ({ query }) => ({ volumes: named(this.volumes, query).map(([, volume]) => volume) }),
    "GET /volumes/ID": ({ ids: [id = ""] }) => {
      const volume = this.volumes.get(id);
      return volume && { volume };
    },
    "POST /volumes": ({ body }) => {
      const { imageRef, ...wish } = asked.volume.parse(jsonOf(body)).volume;
      const id = randomUUID();
      const content = this.images.get(imageRef)?.content ?? "";
      this.volumes.set(id, { id, ...wish, status: this.made, attachments: [], content });
      return { volume: { id } };
    },
    "DELETE /volumes/ID": ({ ids: [id = ""] }) => (this.volumes.delete(id) ? {} : undefined),
    "POST /volumes/ID/action": ({ ids: [id], body }) => {
      const { image_id } = asked.reimage.parse(jsonOf(body))["os-reimage"];
      return this.#change(id, { content: this.images.get(image_id)?.content ?? "" });
    },
    "POST /volumes/ID/metadata": ({ ids: [id = ""], body }) =>
      Object.assign(this.volumes.get(id)?.metadata ?? {}, asked.metadata.parse(jsonOf(body)).metadata),
    "GET /messages": () => ({ messages: this.messages.map((user_message) => ({ user_message })) }),
  };

  #attached(server: string): ScriptedVolume[] {
    return [...this.volumes.values()].filter(({ attachments }) => attachments.some((one) => one.server_id === server));
  }

  #attach(volumeId: string, server: string, isDeletedWithIt: boolean): object | undefined {
    return this.#change(volumeId, { status: "in-use", attachments: [{ server_id: server, isDeletedWithIt }] });
  }

  #change(id = "", change: Partial<ScriptedVolume>): object | undefined {
    const volume = this.volumes.get(id);
    return volume && Object.assign(volume, change);
  }
}

function jsonOf(body: Buffer): unknown {
  return JSON.parse(body.toString());
}

function named<T extends { readonly name: string }>(
  all: ReadonlyMap<string, T>,
  query: URLSearchParams,
): [string, T][] {
  return [...all].filter(([, { name }]) => name === query.get("name"));
}
