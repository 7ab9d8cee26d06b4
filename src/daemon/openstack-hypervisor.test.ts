import { randomUUID } from "node:crypto";
import { NovaStandIn } from "#integration/rigs/nova-stand-in.js";
import { loadConfig } from "./config/load.js";
import { openHypervisor } from "./hypervisor.js";

const whole = (url: string) => ({
  OS_DRIVES__HYPERVISOR: "openstack",
  OS_OPENSTACK__AUTH_URL: `${url}/v3`,
  OS_OPENSTACK__USERNAME: "configdrive",
  OS_OPENSTACK__PASSWORD: "secret",
  OS_OPENSTACK__PROJECT_NAME: "demo",
});
const open = (env: Record<string, string>) => openHypervisor(loadConfig([], env).config, undefined).hypervisor;

test.each(["auth_url", "username", "password", "project_name"])(
  "an OpenStack without %s is refused by its name",
  (name) => {
    const env: Record<string, string> = whole("http://127.0.0.1:1");
    delete env[`OS_OPENSTACK__${name.toUpperCase()}`];
    const problems = [`[openstack] ${name} is required with [drives] hypervisor = openstack`];
    expect(() => loadConfig([], env)).toThrow(expect.objectContaining({ name: "ConfigError", problems }));
  },
);

test("a service that vouches needs a password", () => {
  const env = { ...whole("http://127.0.0.1:1"), OS_OPENSTACK__SERVICE_USERNAME: "bridge" };
  const problems = ["[openstack] service_password is required with [openstack] service_username"];
  expect(() => loadConfig([], env)).toThrow(expect.objectContaining({ name: "ConfigError", problems }));
});

test("it runs instances where it is told so", async () => {
  const env = whole("http://127.0.0.1:1");
  for (const launch of [false, true]) {
    const { config } = loadConfig([], { ...env, OS_INSTANCES__LAUNCH: String(launch) });
    const { hypervisor, launcher } = openHypervisor(config, undefined);
    expect(launcher !== undefined).toBe(launch);
    await hypervisor.close();
  }
});

test("it logs in for its project and finds nova in the catalog, of which it knows the project's servers alone", async () => {
  await using nova = await NovaStandIn.start();
  const endpoint = { interface: "public", region: "one", url: `${nova.url}/v2.1` };
  const token = {
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    project: { id: "p1" },
    catalog: [{ type: "compute", endpoints: [endpoint] }],
  };
  nova.tokens.add("t1");
  nova.instead.set("POST /v3/auth/tokens", { status: 201, headers: { "x-subject-token": "t1" }, body: { token } });
  const hypervisor = open(whole(nova.url));
  const wait = { signal: AbortSignal.timeout(20_000) };
  expect(await hypervisor.observe(randomUUID(), wait)).toBeUndefined();

  const id = randomUUID();
  const server = { id, status: "ACTIVE", tenant_id: "p2", image: "" };
  nova.instead.set(`GET /v2.1/servers/${id}`, { status: 200, body: { server } });
  const image = { driveId: randomUUID(), generation: 1, path: "/x", sizeBytes: 1, format: "raw" } as const;
  await expect(hypervisor.choose(id, image, {}, wait)).rejects.toMatchObject({
    reason: "INSTANCE_NOT_FOUND",
    message: expect.stringMatching(/it is of project p2, and the service acts for project p1/),
  });
  expect(nova.asked.filter((what) => what.startsWith("POST"))).toHaveLength(1);
  await hypervisor.close();
});
