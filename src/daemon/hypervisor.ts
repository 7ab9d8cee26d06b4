import { FileHypervisor } from "#adapters/file/adapter.js";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import type { Hypervisor } from "#drive/hypervisor.js";
import type { Config } from "./config/options.js";

/** The hypervisor that is configured. */
export function openHypervisor(config: Config): Hypervisor {
  if (config.hypervisor === "file") return new FileHypervisor(config.fileInstances);
  return new QemuHypervisor({
    socketTemplate: config.qmpSocket,
    answerMs: config.qmpAnswerMs,
    unplugMs: config.unplugMs,
  });
}
