import { randomUUID } from "node:crypto";
import { FileHypervisor } from "#adapters/file/adapter.js";
import { GrpcHypervisor } from "#adapters/grpc/adapter.js";
import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import { LibvirtLauncher } from "#adapters/libvirt/launcher.js";
import { requireUri } from "#adapters/libvirt/uri.js";
import { LxdHypervisor } from "#adapters/lxd/adapter.js";
import { NovaHypervisor } from "#adapters/nova/adapter.js";
import { OpenstackHypervisor } from "#adapters/openstack/adapter.js";
import { OpenstackLauncher } from "#adapters/openstack/launcher.js";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { QemuLauncher } from "#adapters/qemu/launcher.js";
import { Monitors } from "#adapters/qemu/monitors.js";
import { VsphereHypervisor, type VsphereOptions } from "#adapters/vsphere/adapter.js";
import type { Hypervisor } from "#drive/hypervisor.js";
import type { Launcher } from "#drive/launcher.js";
import { Refusal } from "#drive/refusal.js";
import type { BusLine } from "./bus-line.js";
import type { Config } from "./config/options.js";
import { openIronic } from "./ironic.js";
import { NovaCompute } from "./nova-compute.js";
import { openProject } from "./openstack.js";

/** A hypervisor, and what runs instances on it, where that is configured and it can. */
export interface OpenedHypervisor {
  readonly hypervisor: Hypervisor;
  readonly launcher?: Launcher;
}

/** The hypervisor that is configured. Refuses with INVALID_ARGUMENT nova without a bus. */
export function openHypervisor(config: Config, line: BusLine | undefined): OpenedHypervisor {
  if (config.hypervisor === "nova") {
    if (line === undefined) throw new Refusal("INVALID_ARGUMENT", "[drives] hypervisor = nova needs a transport_url");
    return { hypervisor: new NovaHypervisor(new NovaCompute(line.client(), config.host, config.novaAnswerMs)) };
  }
  if (config.hypervisor === "file") return { hypervisor: new FileHypervisor(config.fileInstances) };
  if (config.hypervisor === "vsphere") return { hypervisor: new VsphereHypervisor(vsphereOptions(config)) };
  if (config.hypervisor === "openstack") {
    const project = openProject(config);
    const hypervisor = new OpenstackHypervisor(project);
    return config.launch ? { hypervisor, launcher: new OpenstackLauncher(project) } : { hypervisor };
  }
  if (config.hypervisor === "lxd") {
    const { lxdSocket: socket, lxdTrees: trees, lxdMountPath, lxdAnswerMs } = config;
    return { hypervisor: new LxdHypervisor({ socket, trees, mountPath: lxdMountPath, answerMs: lxdAnswerMs }) };
  }
  if (config.hypervisor === "ironic") return { hypervisor: openIronic(config) };
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

/** Refuses with INVALID_ARGUMENT what says too little of a vCenter. */
function vsphereOptions(config: Config): VsphereOptions {
  const given = <T>(value: T | undefined, name: string): T => {
    if (value !== undefined) return value;
    throw new Refusal("INVALID_ARGUMENT", `[drives] hypervisor = vsphere needs [vsphere] ${name}`, {
      violations: [{ field: `vsphere.${name}`, rule: "is required with [drives] hypervisor = vsphere" }],
    });
  };
  return {
    host: given(config.vsphereHost, "host"),
    port: config.vspherePort,
    user: given(config.vsphereUser, "user"),
    password: given(config.vspherePassword, "password"),
    datacenter: given(config.vsphereDatacenter, "datacenter"),
    datastore: given(config.vsphereDatastore, "datastore"),
    ...(config.vsphereCaFile === undefined ? {} : { caFile: config.vsphereCaFile }),
    ...(config.vsphereThumbprint === undefined ? {} : { thumbprint: config.vsphereThumbprint }),
    newId: randomUUID,
    answerMs: config.vsphereAnswerMs,
    taskMs: config.vsphereTaskMs,
  };
}
