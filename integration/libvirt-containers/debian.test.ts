import { holdToThePort } from "../adapters/conformance.js";
import { libvirtContainerBackend } from "../adapters/libvirt-backend.js";

describe.each([
  ["bookworm", "Debian 12"],
  ["trixie", "Debian 13"],
] as const)("%s", (release, name) => {
  holdToThePort(libvirtContainerBackend(release, name), { short: 1 });
});
