import { existsSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { GenericContainer, type StartedNetwork, type StartedTestContainer, Wait } from "testcontainers";
import type { DebianRelease, Docker } from "./docker.js";
import type { NovaCloudOptions } from "./nova-cloud.js";
import { type ServiceRole, withService } from "./nova-service.js";
import { CINDER } from "./nova-volumes.js";
import { privateDirectory } from "./private-directory.js";

const DIRECTORY = "integration/rigs/nova";
const NEWEST_DIRECTORY = "integration/rigs/nova-newest";
/** Whom this machine trusts, as pip has to. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
/** What nova's privilege daemons keep of root's rights; nothing else is added, and no container is privileged. */
const CAPABILITIES = ["SYS_ADMIN", "NET_ADMIN", "DAC_READ_SEARCH"] as const;
/** What nova-compute reads after all its other files; it may be missing (nova/bin/compute). */
export const BRIDGE_CONF = "/etc/nova/bridge.conf";
/** The broker of the first cell. */
export const BROKER = "rabbit://openstack:rig@controller:5672/";
/** The broker of the second cell (nova/bin/second-cell). */
export const CELL_BROKER = `${BROKER}cell2`;
const CELL_CONFIG = `[DEFAULT]\ncell_transport_urls = ${CELL_BROKER}\n`;

/** Where nova comes from: 26.2 (Zed) from bookworm, 31.0 (2025.1) from trixie; the newest from PyPI, on trixie. */
export type NovaRelease = DebianRelease | "newest";

/** The image, with the plugin of this source tree in it. */
export async function imageOf(docker: Docker, release: NovaRelease): Promise<string> {
  return release === "newest" ? newestImage(docker) : debianImage(docker, release);
}

/** The newest is looked for once a day: what pip installed today is taken for it until midnight. */
async function newestImage(docker: Docker): Promise<string> {
  const BASE = await debianImage(docker, "trixie");
  const context = await privateDirectory("nova-image");
  try {
    await cp(NEWEST_DIRECTORY, context, { recursive: true });
    if (existsSync(CERTIFICATES)) await cp(CERTIFICATES, join(context, "root", CERTIFICATES));
    const DAY = new Date().toISOString().slice(0, 10);
    return await docker.build(context, join(context, "Dockerfile"), "configdrive-nova:newest", { BASE, DAY });
  } finally {
    await rm(context, { recursive: true });
  }
}

async function debianImage(docker: Docker, release: DebianRelease): Promise<string> {
  const context = await privateDirectory("nova-image");
  try {
    await cp(DIRECTORY, context, { recursive: true });
    await cp("nova-plugin", join(context, "nova-plugin"), { recursive: true });
    return await docker.onDebian(release, "configdrive-nova", context);
  } finally {
    await rm(context, { recursive: true });
  }
}

/** A machine with all that a cloud has once. */
export async function startController(
  tag: string,
  network: StartedNetwork,
  { volumes = false, serviceConfig = "", cells = false, controllerEnvironment, surroundings }: NovaCloudOptions,
  withOurs: boolean,
): Promise<StartedTestContainer> {
  const plan = new GenericContainer(tag).withEnvironment({
    ...(volumes ? CINDER : {}),
    ...(cells ? { CELLS: "2" } : {}),
    ...controllerEnvironment,
  });
  if (withOurs) await withService(plan, "controller", "service", BROKER, serviceConfig + (cells ? CELL_CONFIG : ""));
  return (surroundings?.changed(plan, "controller") ?? plan)
    .withCommand(["controller"])
    .withHostname("controller")
    .withNetwork(network)
    .withNetworkAliases("controller")
    .withExposedPorts(5672, 8774, 8778, 9292)
    .withWaitStrategy(Wait.forLogMessage("rig: ready"))
    .withStartupTimeout(400_000)
    .start();
}

/**
 * A compute host.
 * @param broker of the cell that it is in
 */
export async function startCompute(
  tag: string,
  network: StartedNetwork,
  name: string,
  {
    environment: wished = {},
    config = "",
    service = false,
    serviceConfig,
    volumes = false,
    surroundings,
  }: NovaCloudOptions,
  role: ServiceRole,
  broker: string,
): Promise<StartedTestContainer> {
  const elsewhere = { OS_DEFAULT__TRANSPORT_URL: broker, OS_DEFAULT__REPORT_INTERVAL: "30" };
  const environment = { ...(volumes ? CINDER : {}), ...(broker === BROKER ? {} : elsewhere), ...wished };
  const plan = new GenericContainer(tag)
    .withHostname(name)
    .withNetwork(network)
    .withNetworkAliases(name)
    .withAddedCapabilities(...CAPABILITIES)
    .withStartupTimeout(60_000);
  if (config !== "") plan.withCopyContentToContainer([{ target: BRIDGE_CONF, content: config, mode: 0o644 }]);
  if (!service) {
    plan.withEnvironment(environment);
    return (surroundings?.changed(plan, "compute") ?? plan).start();
  }
  const planned = await withService(plan, name, role, broker, role === "agent" ? "" : serviceConfig);
  return planned
    .withEnvironment({ OS_DEFAULT__COMPUTE_DRIVER: "configdrive_bridge.LibvirtDriver", ...environment })
    .start();
}
