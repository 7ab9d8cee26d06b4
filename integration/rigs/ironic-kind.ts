import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Everything of a node that is fake hardware's own; its deploy is the rig's. */
const FAKE = ["bios", "boot", "console", "inspect", "management", "power", "raid", "rescue", "vendor"];

/** Which Ironic it is, and what its nodes are made of. */
export interface IronicKind {
  /** The Python that has it. */
  readonly python: string;
  /** Its configuration in the group DEFAULT: the hardware. */
  readonly hardware: readonly string[];
  /** More groups of its configuration. */
  readonly groups: readonly string[];
  /** Its version, without a packager's own part. */
  version(): Promise<string>;
}

/** Debian's, with nodes of fake hardware but for their deploys: those write the config drive into a file (rigs/ironic/disk_deploy.py). */
export const DEBIAN: IronicKind = {
  python: "/usr/bin/python3",
  hardware: [
    "enabled_hardware_types = fake-hardware",
    ...["enabled_deploy_interfaces = disk", "default_deploy_interface = disk"],
    ...FAKE.map((name) => `enabled_${name}_interfaces = fake`),
  ],
  groups: [],
  version: async () => {
    const { stdout } = await run("dpkg-query", ["-W", "python3-ironic"]);
    return (stdout.split("\t")[1] ?? "").replace(/^\d+:/, "").replace(/-.*\s*$/, "");
  },
};
