import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { GenericContainer } from "testcontainers";

/** Of the group nova, as Debian numbers it (nova/bin/make-machine). */
const NOVA_GROUP = 64060;
/** Below what a tenant can have nova write: a hundred long metadata items are more. */
const CONTENT_LIMIT = 256 << 10;

/** What runs on a machine of a rig: all of it, or one of the two roles that share the work (docs/hosts.md). */
export type ServiceRole = "both" | "service" | "agent";

/**
 * Has a machine of a rig run our service as it was built here, under the name that the machine has as a host.
 * @param broker the `transport_url`
 * @param more of its configuration
 */
export async function withService(
  plan: GenericContainer,
  host: string,
  role: ServiceRole,
  broker: string,
  more = "",
): Promise<GenericContainer> {
  const content = serviceConfig(host, role, broker) + more;
  return plan
    .withBindMounts(await programMounts())
    .withCopyContentToContainer([{ target: "/etc/configdrive/configdrive.conf", content, mode: 0o644 }]);
}

/** The program with what it needs, and the Node.js that runs this. */
async function programMounts(): Promise<{ source: string; target: string; mode: "ro" }[]> {
  const parts = ["bin", "dist", "node_modules", "package.json", "proto"];
  const mounts = parts.map((part) => ({
    source: resolve(part),
    target: `/opt/configdrive/${part}`,
    mode: "ro" as const,
  }));
  return [...mounts, { source: await realpath(process.execPath), target: "/usr/local/bin/node", mode: "ro" }];
}

function serviceConfig(host: string, role: ServiceRole, broker: string): string {
  const shows = `hypervisor = nova\nimage_group = ${NOVA_GROUP}\n`;
  return `[DEFAULT]
role = ${role}
host = ${host}
transport_url = ${broker}
[agent]
report_interval = 2
[drives]
reconcile_interval = 5
${role === "service" ? "" : shows}[limits]
content_bytes = ${CONTENT_LIMIT}
`;
}
