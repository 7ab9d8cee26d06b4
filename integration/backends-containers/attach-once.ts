import { OpenstackHypervisor } from "#adapters/openstack/adapter.js";
import { Project } from "#adapters/openstack/project.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { OwnToken } from "#keystone/own-token.js";
import type { Login } from "#keystone/settings.js";

/**
 * One attach in a process of its own, for a test to kill. Arguments, as JSON: the login, the server, the image. It says `begun` once
 * it begins.
 */
const [login, server, image]: [Login, string, PlacedImage] = JSON.parse(process.argv[2] ?? "");
const tokens = new OwnToken(login, Date.now, true);
const hypervisor = new OpenstackHypervisor(
  new Project({ tokens, interface: "public", answerMs: 30_000, taskMs: 120_000 }),
);
const wait = { signal: AbortSignal.timeout(120_000) };
const device = await hypervisor.choose(server, image, {}, wait);
console.log("begun");
await hypervisor.attach(server, image, device, wait);
console.log("attached");
await hypervisor.close();
