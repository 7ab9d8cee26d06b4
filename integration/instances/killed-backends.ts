import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import { LibvirtLauncher } from "#adapters/libvirt/launcher.js";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { QemuLauncher } from "#adapters/qemu/launcher.js";
import { Monitors } from "#adapters/qemu/monitors.js";
import type { Hypervisor } from "#drive/hypervisor.js";
import type { Launcher } from "#drive/launcher.js";
import { LibvirtHost } from "#integration/rigs/libvirt-host.js";

/** A backend of the service that is killed: machines without a guest, each with one disk. */
export interface KilledBackend {
  readonly hypervisor: Hypervisor;
  readonly launcher: Launcher;
  /** Of a machine with the disk in this file; the backend refuses one that is not there. */
  readonly template: (disk: string) => string;
  /** How many machines the backend has, whoever made them. */
  readonly machines: () => Promise<number>;
}

const limits = { answerMs: 20_000, unplugMs: 20_000 };

/** @param where - `qemu`, with its sockets in the directory; or the socket of a libvirt daemon */
export async function backendOf(where: string, directory: string): Promise<KilledBackend> {
  return where === "qemu" ? await qemuIn(directory) : libvirtAt(where);
}

async function qemuIn(directory: string): Promise<KilledBackend> {
  const sockets = join(directory, "qmp");
  await mkdir(sockets, { recursive: true });
  const options = { socketTemplate: join(sockets, "{instance_id}.sock"), ...limits };
  const monitors = new Monitors(options);
  const machine = ["-machine", "q35,accel=tcg", "-m", "32", "-nodefaults", "-display", "none"];
  return {
    hypervisor: new QemuHypervisor(options, monitors),
    launcher: new QemuLauncher({ ...options, programs: "/usr/bin" }, monitors),
    template: (disk) =>
      JSON.stringify({
        arguments: [...machine, "-drive", `if=none,id=own,file=${disk},format=raw,readonly=on`],
      }),
    machines: async () => (await readdir(sockets)).filter((name) => name.endsWith(".pid")).length,
  };
}

function libvirtAt(socket: string): KilledBackend {
  const endpoint = { uri: { transport: "unix", driver: "qemu:///system", socket } } as const;
  const host = new LibvirtHost(endpoint);
  return {
    hypervisor: new LibvirtHypervisor({ ...endpoint, ...limits }),
    launcher: new LibvirtLauncher({ ...endpoint, ...limits }),
    template: (disk) => `<domain type="qemu">
      <memory unit="MiB">32</memory>
      <vcpu>1</vcpu>
      <os><type arch="x86_64" machine="q35">hvm</type></os>
      <features><acpi/></features>
      <devices>
        <emulator>/usr/bin/qemu-system-x86_64</emulator>
        <disk type="file" device="disk">
          <driver name="qemu" type="raw"/><source file="${disk}"/><target dev="vda" bus="virtio"/><readonly/>
        </disk>
        <memballoon model="none"/>
      </devices>
    </domain>`,
    machines: async () => (await host.domains()).length,
  };
}
