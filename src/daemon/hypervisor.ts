import { FileHypervisor } from "#adapters/file/adapter.js";
import { GrpcHypervisor } from "#adapters/grpc/adapter.js";
import { IronicHypervisor } from "#adapters/ironic/adapter.js";
import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import { LibvirtLauncher } from "#adapters/libvirt/launcher.js";
import { requireUri } from "#adapters/libvirt/uri.js";
import { LxdHypervisor } from "#adapters/lxd/adapter.js";
import { NovaHypervisor } from "#adapters/nova/adapter.js";
import { OpenstackHypervisor } from "#adapters/openstack/adapter.js";
import { OpenstackLauncher } from "#adapters/openstack/launcher.js";
import { Project } from "#adapters/openstack/project.js";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { QemuLauncher } from "#adapters/qemu/launcher.js";
import { Monitors } from "#adapters/qemu/monitors.js";
import { VsphereHypervisor } from "#adapters/vsphere/adapter.js";
import type { Hypervisor } from "#drive/hypervisor.js";
import type { Launcher } from "#drive/launcher.js";
import type { BusLine } from "./bus-line.js";
import { ironicSettings } from "./config/ironic.js";
import { needed } from "./config/needed.js";
import { projectSettings } from "./config/openstack.js";
import type { Config } from "./config/options.js";
import { vsphereSettings } from "./config/vsphere.js";
import { NovaCompute } from "./nova-compute.js";

/** A hypervisor, and what runs instances on it, where that is configured and it can. */
export interface OpenedHypervisor {
  readonly hypervisor: Hypervisor;
  readonly launcher?: Launcher;
}

/** The hypervisor that is configured. @throws ConfigError for options that say too little of it */
export function openHypervisor(config: Config, line: BusLine | undefined): OpenedHypervisor {
  if (config.hypervisor === "nova") {
    const client = needed(line, "[DEFAULT] transport_url", "[drives] hypervisor = nova").client();
    return { hypervisor: new NovaHypervisor(new NovaCompute(client, config.host, config.novaAnswerMs)) };
  }
  if (config.hypervisor === "file") return { hypervisor: new FileHypervisor(config.fileInstances) };
  if (config.hypervisor === "vsphere") return { hypervisor: new VsphereHypervisor(vsphereSettings(config)) };
  if (config.hypervisor === "openstack") {
    const project = new Project(projectSettings(config));
    const hypervisor = new OpenstackHypervisor(project);
    return config.launch ? { hypervisor, launcher: new OpenstackLauncher(project) } : { hypervisor };
  }
  if (config.hypervisor === "lxd") {
    const { lxdSocket: socket, lxdTrees: trees, lxdMountPath, lxdAnswerMs } = config;
    return { hypervisor: new LxdHypervisor({ socket, trees, mountPath: lxdMountPath, answerMs: lxdAnswerMs }) };
  }
  if (config.hypervisor === "ironic") return { hypervisor: new IronicHypervisor(ironicSettings(config)) };
  if (config.hypervisor === "grpc") {
    const options = { target: config.adapterAddress, answerMs: config.adapterAnswerMs };
    return { hypervisor: new GrpcHypervisor(options) };
  }
  if (config.hypervisor === "libvirt") {
    const options = {
      uri: requireUri(config.libvirtUri),
      tls: {
        authority: config.libvirtCaFile,
        certificate: config.libvirtCertFile,
        key: config.libvirtKeyFile,
      },
      ...(config.libvirtPool === undefined ? {} : { pool: config.libvirtPool }),
      answerMs: config.libvirtAnswerMs,
      unplugMs: config.libvirtUnplugMs,
    };
    const hypervisor = new LibvirtHypervisor(options);
    return config.launch ? { hypervisor, launcher: new LibvirtLauncher(options) } : { hypervisor };
  }
  const options = { socketTemplate: config.qmpSocket, answerMs: config.qmpAnswerMs, unplugMs: config.unplugMs };
  const monitors = new Monitors(options);
  const hypervisor = new QemuHypervisor(options, monitors);
  if (!config.launch) return { hypervisor };
  return { hypervisor, launcher: new QemuLauncher({ ...options, programs: config.qemuPrograms }, monitors) };
}
