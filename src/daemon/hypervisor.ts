import { FileHypervisor } from "#adapters/file/adapter.js";
import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import { requireUri } from "#adapters/libvirt/uri.js";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import type { Hypervisor } from "#drive/hypervisor.js";
import type { Config } from "./config/options.js";

/** The hypervisor that is configured. */
export function openHypervisor(config: Config): Hypervisor {
  if (config.hypervisor === "file") return new FileHypervisor(config.fileInstances);
  if (config.hypervisor === "libvirt") {
    return new LibvirtHypervisor({
      uri: requireUri(config.libvirtUri),
      tls: {
        authority: config.libvirtCaFile,
        certificate: config.libvirtCertFile,
        key: config.libvirtKeyFile,
      },
      ...(config.libvirtPool === undefined ? {} : { pool: config.libvirtPool }),
      answerMs: config.libvirtAnswerMs,
      unplugMs: config.libvirtUnplugMs,
    });
  }
  return new QemuHypervisor({
    socketTemplate: config.qmpSocket,
    answerMs: config.qmpAnswerMs,
    unplugMs: config.unplugMs,
  });
}
