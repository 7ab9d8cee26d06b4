import { ironicSettings } from "./ironic.js";
import { needed } from "./needed.js";
import { projectSettings } from "./openstack.js";
import type { Config } from "./options.js";
import { vsphereSettings } from "./vsphere.js";

/**
 * Checks that the hypervisor which is configured can be opened, where this process is to have one: before anything is begun.
 * @param url - of the bus, where there is one
 * @throws ConfigError
 */
export function requireHypervisorOptions(config: Config, url: unknown): void {
  const { role, hypervisor } = config;
  if (role === "service") return;
  if (hypervisor === "nova") needed(url, "[DEFAULT] transport_url", "[drives] hypervisor = nova");
  if (hypervisor === "vsphere") vsphereSettings(config);
  if (hypervisor === "openstack") projectSettings(config);
  if (hypervisor === "ironic") ironicSettings(config);
}
