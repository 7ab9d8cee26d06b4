import { GenericContainer, type StartedNetwork, type StartedTestContainer, Wait } from "testcontainers";
import { z } from "zod";
import { until } from "./wait.js";

/** Who calls a rig without Keystone, and for which project. */
const ADMIN = { token: "admin:demo", project: "demo" };
/** The newest that Debian 12's Cinder (21, Zed) has; `os-reimage` came with 3.68. */
const MICROVERSION = "3.70";
const PORT = 8776;
/** The backend's one pool, as Cinder names it: `host@backend#pool`. */
const BACKEND = "volumes@configdrive#configdrive";

/** Of nova's configuration: where Cinder is, and that nova says with a token of its own that it is nova who asks. */
export const CINDER = {
  OS_CINDER__ENDPOINT_TEMPLATE: `http://volumes:${PORT}/v3/%(project_id)s`,
  OS_SERVICE_USER__SEND_SERVICE_USER_TOKEN: "true",
  OS_SERVICE_USER__AUTH_TYPE: "admin_token",
  OS_SERVICE_USER__TOKEN: "admin:rig",
  OS_SERVICE_USER__ENDPOINT: `http://volumes:${PORT}`,
} as const;

const volume = z.object({
  id: z.string(),
  status: z.string(),
  size: z.number(),
  attachments: z.array(z.object({ server_id: z.string() })),
});

/** A volume as Cinder's API tells of it. */
export type Volume = z.infer<typeof volume>;

/** Starts Cinder beside a controller: API, scheduler, and one backend, whose volumes are drives of the service unless `changed` has others. */
export async function startVolumes(
  tag: string,
  network: StartedNetwork,
  own: (starting: Promise<StartedTestContainer>) => Promise<StartedTestContainer>,
  changed: (plan: GenericContainer) => GenericContainer = (plan) => plan,
  admin: VolumeAdmin = ADMIN,
): Promise<VolumeApi> {
  const container = await own(
    changed(new GenericContainer(tag))
      .withCommand(["volumes"])
      .withHostname("volumes")
      .withNetwork(network)
      .withNetworkAliases("volumes")
      .withExposedPorts(PORT)
      .withWaitStrategy(Wait.forLogMessage("rig: ready"))
      .withStartupTimeout(120_000)
      .start(),
  );
  const api = new VolumeApi(`http://${container.getHost()}:${container.getMappedPort(PORT)}`, container, admin);
  await until(180_000, "Cinder's services to be up", () => api.isUp(), 200).catch(async (error: unknown) => {
    throw new Error(`${error}\n${await api.log()}`, { cause: error });
  });
  return api;
}

/** Somebody who may do anything with the volumes of a project. */
export interface VolumeAdmin {
  readonly token: string;
  readonly project: string;
}

/** Cinder's API, over HTTP, as an admin. */
export class VolumeApi {
  constructor(
    readonly url: string,
    readonly container: StartedTestContainer,
    private readonly admin: VolumeAdmin,
  ) {}

  async call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await this.send(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
    return text === "" ? {} : JSON.parse(text);
  }

  /** Asks for a volume of 1 GiB, and gives its id once it is available. */
  async create(wish: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const answer = await this.call("POST", "/volumes", { volume: { size: 1, ...wish } });
    const { id } = z.object({ volume: z.object({ id: z.string() }) }).parse(answer).volume;
    await this.settled(id, "available");
    return id;
  }

  /** Makes a volume of a drive that the service has, and gives its id once it is available. */
  async manage(driveId: string): Promise<string> {
    const ref = { "source-id": driveId };
    const answer = await this.call("POST", "/manageable_volumes", { volume: { host: BACKEND, ref } });
    const { id } = z.object({ volume: z.object({ id: z.string() }) }).parse(answer).volume;
    await this.settled(id, "available");
    return id;
  }

  /** Writes an image into a volume that is available. */
  async reimage(id: string, imageId: string): Promise<void> {
    await this.call("POST", `/volumes/${id}/action`, { "os-reimage": { image_id: imageId, reimage_reserved: false } });
    await this.settled(id, "available");
  }

  async show(id: string): Promise<Volume> {
    return z.object({ volume }).parse(await this.call("GET", `/volumes/${id}`)).volume;
  }

  /** Waits until a volume has a status. @throws Error with Cinder's log where it is an error instead */
  async settled(id: string, status: string): Promise<Volume> {
    return until(
      60_000,
      `volume ${id} to be ${status}`,
      async () => {
        const now = await this.show(id);
        if (now.status === status) return now;
        if (now.status.startsWith("error")) throw new Error(`volume ${id} is ${now.status}\n${await this.log()}`);
        return undefined;
      },
      200,
    );
  }

  /** Whether Cinder knows a volume. */
  async knows(id: string): Promise<boolean> {
    return (await this.send("GET", `/volumes/${id}`)).status === 200;
  }

  /** Deletes a volume and waits until Cinder no longer knows it. */
  async delete(id: string): Promise<void> {
    await this.call("DELETE", `/volumes/${id}`);
    await until(60_000, `volume ${id} to be gone`, async () => !(await this.knows(id)), 200);
  }

  /** Whether the scheduler answers, and has heard of the backend. One that does not listen yet lets a question lie. */
  async isUp(): Promise<boolean> {
    const response = await this.send("GET", "/scheduler-stats/get_pools", undefined, 3_000).catch(() => undefined);
    if (response?.ok !== true) return false;
    return z.object({ pools: z.array(z.unknown()) }).parse(await response.json()).pools.length === 1;
  }

  private send(method: string, path: string, body?: object, deadlineMs = 60_000): Promise<Response> {
    return fetch(`${this.url}/v3/${this.admin.project}${path}`, {
      method,
      headers: {
        "X-Auth-Token": this.admin.token,
        "Content-Type": "application/json",
        "OpenStack-API-Version": `volume ${MICROVERSION}`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(deadlineMs),
    });
  }

  /** The end of what its services logged. */
  async log(): Promise<string> {
    const { output } = await this.container.exec([
      "sh",
      "-c",
      "grep -v DEBUG /var/log/cinder/cinder.log | tail -n 40 | cut -c1-400",
    ]);
    return output;
  }
}
