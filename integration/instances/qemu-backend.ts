import { rm } from "node:fs/promises";
import { cloudInitDisk } from "../images/guests/cloud-init-guest.js";
import { guestImage } from "../rigs/guest-image.js";
import { LaunchedMachines } from "../rigs/launched-machines.js";
import { privateDirectory } from "../rigs/private-directory.js";
import type { Backend } from "./backend.js";
import { qemuTemplate } from "./launched-guest.js";
import { alone, type OpenRunner } from "./runner.js";

/** Plain QEMU processes. */
export async function qemuBackend(open: OpenRunner = alone): Promise<Backend> {
  const directory = await privateDirectory("instances");
  const machines = await LaunchedMachines.make();
  const runner = await open(["hypervisor = qemu", "[qemu]", `qmp_socket = ${machines.socketTemplate}`]);
  return {
    runner,
    directory,
    async template({ cloudInit = false } = {}) {
      const system = cloudInit
        ? [
            "-drive",
            `if=none,id=system,file=${cloudInitDisk()},format=raw,readonly=on`,
            "-device",
            "virtio-blk-pci,drive=system",
          ]
        : [];
      return qemuTemplate(directory, await guestImage(), system);
    },
    badTemplates: [
      ["<domain/>", "template"],
      ['{"arguments": ["-machine", "q35"], "args": []}', "template"],
      ['{"arguments": ["-machine", "q35", "-daemonize"]}', "template.arguments[2]"],
      ['{"arguments": ["-machine", "microvm"]}', "template.arguments[1]"],
      ['{"program": "/bin/sh", "arguments": []}', "template.program"],
      ['{"program": "qemu-system-none", "arguments": ["-machine", "virt"]}', "template.program"],
    ],
    async failingTemplate() {
      return qemuTemplate(directory, await guestImage(), ["-drive", "file=/none/hunter2,if=none,id=none"]);
    },
    there: () => machines.ids(),
    async [Symbol.asyncDispose]() {
      await machines[Symbol.asyncDispose]();
      await runner[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
