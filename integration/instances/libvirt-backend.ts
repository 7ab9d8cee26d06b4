import { cloudInitDisk } from "../images/guests/cloud-init-guest.js";
import { guestImage } from "../rigs/guest-image.js";
import { LibvirtDaemon } from "../rigs/libvirt-daemon.js";
import type { Backend } from "./backend.js";
import { libvirtTemplate } from "./launched-guest.js";
import { alone, type OpenRunner } from "./runner.js";

/** Domains of a libvirt daemon. */
export async function libvirtBackend(open: OpenRunner = alone): Promise<Backend> {
  const daemon = await LibvirtDaemon.start();
  const uri = `uri = qemu+unix:///system?socket=${daemon.socket}`;
  const runner = await open(["hypervisor = libvirt", "[libvirt_daemon]", uri]);
  const { directory } = daemon;
  return {
    runner,
    directory,
    async template({ cloudInit = false } = {}) {
      const disk = cloudInit ? systemDisk(cloudInitDisk()) : "";
      return libvirtTemplate(directory, await guestImage(), disk);
    },
    badTemplates: [
      ["{}", "template"],
      ["<domain", "template"],
      ["<network/>", "template"],
      ["<domain><uuid>x</uuid><devices/></domain>", "template.domain.uuid"],
      ['<domain><os><type machine="isapc">hvm</type></os><devices/></domain>', "template.domain.os.type.machine"],
    ],
    async failingTemplate() {
      return libvirtTemplate(directory, await guestImage(), systemDisk("/none/hunter2"));
    },
    there: () => daemon.domains(),
    async [Symbol.asyncDispose]() {
      await runner[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
    },
  };
}

function systemDisk(path: string): string {
  return `<disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="${path}"/><target dev="vda" bus="virtio"/><readonly/></disk>`;
}
