import { z } from "zod";
import { until } from "./wait.js";

/** As a client of OpenStack calls a rig without Keystone: user `admin` in project `demo` (rigs/nova/python/rig_auth.py). */
const TOKEN = "admin:demo";
/** The newest microversion of the compute API that still takes `personality`. */
const MICROVERSION = "2.56";

const server = z.object({
  id: z.string(),
  status: z.string(),
  "OS-EXT-STS:task_state": z.string().nullable(),
  "OS-EXT-STS:vm_state": z.string().nullable(),
  "OS-EXT-SRV-ATTR:host": z.string().nullable(),
  "OS-EXT-SRV-ATTR:instance_name": z.string(),
  fault: z.object({ message: z.string() }).optional(),
});

/** A server as nova's API tells of it. */
export type NovaServer = z.infer<typeof server>;

/** What a new server is to be, beyond the rig's image and flavor. */
export type ServerWish = Readonly<Record<string, unknown>>;

/** The compute, the image and the placement API of a rig, over HTTP. */
export class NovaApi {
  constructor(
    readonly compute: string,
    readonly images: string,
    private readonly placement: string,
    private readonly token = TOKEN,
  ) {}

  /** Registers an image with its bytes, and gives its id. */
  async image(name: string, bytes: Uint8Array, properties: Readonly<Record<string, string>> = {}): Promise<string> {
    const description = { name, container_format: "bare", disk_format: "raw", visibility: "public", ...properties };
    const { id } = z
      .object({ id: z.string() })
      .parse(await this.request("POST", `${this.images}/v2/images`, description));
    const uploaded = await fetch(`${this.images}/v2/images/${id}/file`, {
      method: "PUT",
      headers: { "X-Auth-Token": this.token, "Content-Type": "application/octet-stream" },
      body: new Uint8Array(bytes),
    });
    if (!uploaded.ok) throw new Error(`image ${name}: HTTP ${uploaded.status} ${await uploaded.text()}`);
    return id;
  }

  /** The images that the project sees. */
  async listImages(): Promise<unknown> {
    return this.request("GET", `${this.images}/v2/images`);
  }

  async call(method: string, path: string, body?: object): Promise<unknown> {
    return this.request(method, `${this.compute}/v2.1${path}`, body);
  }

  /** Asks for a server and gives its id at once. */
  async create(wish: ServerWish): Promise<string> {
    const answer = await this.call("POST", "/servers", { server: { networks: "none", config_drive: true, ...wish } });
    return z.object({ server: z.object({ id: z.string() }) }).parse(answer).server.id;
  }

  async show(id: string): Promise<NovaServer> {
    return z.object({ server }).parse(await this.call("GET", `/servers/${id}`)).server;
  }

  async act(id: string, action: object): Promise<unknown> {
    return this.call("POST", `/servers/${id}/action`, action);
  }

  /** Waits until a server has a status and nothing is being done to it. @throws Error with nova's fault when it goes to ERROR instead */
  async settled(id: string, status: string, deadlineMs = 180_000): Promise<NovaServer> {
    return until(
      deadlineMs,
      `server ${id} to be ${status}`,
      async () => {
        const now = await this.show(id);
        if (now["OS-EXT-STS:task_state"] !== null) return undefined;
        if (now.status === status) return now;
        if (now.status === "ERROR") throw new Error(`server ${id} is in ERROR: ${now.fault?.message ?? "no fault"}`);
        return undefined;
      },
      200,
    );
  }

  /** Deletes a server and waits until nova no longer knows it. */
  async delete(id: string, deadlineMs = 60_000): Promise<void> {
    await this.call("DELETE", `/servers/${id}`);
    await until(deadlineMs, `server ${id} to be gone`, async () => !(await this.knows(id)));
  }

  /** Whether nova knows a server. */
  async knows(id: string): Promise<boolean> {
    return (await this.send("GET", `${this.compute}/v2.1/servers/${id}`)).status !== 404;
  }

  /** The end of what a server printed on its console. */
  async console(id: string): Promise<string> {
    return z.object({ output: z.string() }).parse(await this.act(id, { "os-getConsoleOutput": {} })).output;
  }

  /** How many hosts the scheduler may place something on now: nova knows them, and placement has room there. */
  async hosts(): Promise<number> {
    const { hypervisors } = z
      .object({ hypervisors: z.array(z.object({ state: z.string() })) })
      .parse(await this.call("GET", "/os-hypervisors"));
    const room = await fetch(`${this.placement}/allocation_candidates?resources=VCPU:1,MEMORY_MB:64,DISK_GB:1`, {
      headers: { "X-Auth-Token": TOKEN, "OpenStack-API-Version": "placement 1.10" },
      signal: AbortSignal.timeout(30_000),
    });
    const { provider_summaries: providers } = z
      .object({ provider_summaries: z.record(z.string(), z.unknown()) })
      .parse(await room.json());
    const up = hypervisors.filter(({ state }) => state === "up").length;
    return Math.min(up, Object.keys(providers).length);
  }

  /** What placement holds for a server: amounts by resource class, for each host. */
  async allocations(id: string): Promise<readonly Readonly<Record<string, number>>[]> {
    const answer = await this.request("GET", `${this.placement}/allocations/${id}`);
    const { allocations } = z
      .object({ allocations: z.record(z.string(), z.object({ resources: z.record(z.string(), z.number()) })) })
      .parse(answer);
    return Object.values(allocations).map(({ resources }) => resources);
  }

  private async request(method: string, url: string, body?: object): Promise<unknown> {
    const response = await this.send(method, url, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: HTTP ${response.status} ${text}`);
    return text === "" ? {} : JSON.parse(text);
  }

  private send(method: string, url: string, body?: object): Promise<Response> {
    return fetch(url, {
      method,
      headers: {
        "X-Auth-Token": this.token,
        "Content-Type": "application/json",
        "OpenStack-API-Version": `compute ${MICROVERSION}`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(90_000),
    });
  }
}
