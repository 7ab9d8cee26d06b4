// make rig-nova: a real cloud for a person to try things on, until Ctrl-C. RELEASE=bookworm (nova 26.2), trixie (31.0) or
// newest (of PyPI); COMPUTES=2: two compute hosts with an agent each, and the service on the controller.

import { NovaCloud } from "#integration/rigs/nova-cloud.js";
import type { NovaRelease } from "#integration/rigs/nova-machines.js";
import { Interrupted, interruption } from "#integration/run/interruption.js";

function release(): NovaRelease {
  const name = process.env.RELEASE ?? "bookworm";
  if (name === "bookworm" || name === "trixie" || name === "newest") return name;
  throw new Error(`RELEASE is ${name}; it can be bookworm, trixie or newest`);
}

function computes(): number {
  const number = Number(process.env.COMPUTES ?? "1");
  if (number === 1 || number === 2) return number;
  throw new Error(`COMPUTES is ${process.env.COMPUTES}; it can be 1 or 2`);
}

async function show(): Promise<void> {
  console.log(`A real nova (${release()}) in containers; the image is built the first time, which takes minutes.`);
  await using cloud = await NovaCloud.start({ release: release(), computes: computes(), service: true });
  const { api } = cloud;
  console.log(`
It is up. Compute hosts: ${cloud.computes.map(({ name }) => name).join(", ")}.

  auth='X-Auth-Token: admin:demo'
  nova=${api.compute}/v2.1
  curl -s -H "$auth" $nova/os-hypervisors
  curl -s -H "$auth" -H 'Content-Type: application/json' -H 'OpenStack-API-Version: compute 2.56' $nova/servers -d '{
    "server": {"name": "one", "imageRef": "${cloud.image}", "flavorRef": "rig", "networks": "none", "config_drive": true}}'
  curl -s -H "$auth" $nova/servers/detail

Inside a compute host, such as ${cloud.computes[0]?.name}:

  docker exec -it ${cloud.computes[0]?.container.getId().slice(0, 12)} bash
  virsh list --all; ls -l /var/lib/nova/instances/*; tail -f /var/log/nova/nova-compute.log

Ctrl-C stops it and leaves nothing behind.`);
  await interrupted;
}

const interrupted = interruption();
// Containers hold no process up.
const alive = setInterval(() => undefined, 60_000);
try {
  await show();
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
} finally {
  clearInterval(alive);
}
