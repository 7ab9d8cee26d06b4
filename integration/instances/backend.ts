import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cloudInitDisk } from "../images/guests/cloud-init-guest.js";
import { guestImage } from "../rigs/guest-image.js";
import { LibvirtDaemon } from "../rigs/libvirt-daemon.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { Service } from "../rigs/service.js";
import { libvirtTemplate, qemuTemplate } from "./launched-guest.js";

/** A service that runs instances on one kind of backend, and what the suite has to know of it. */
export interface Backend extends AsyncDisposable {
  readonly service: Service;
  /** Where guests call back. */
  readonly directory: string;
  /** The rigs' guest; with the disk that has cloud-init where it is asked for. */
  template(options?: { readonly cloudInit?: boolean }): Promise<string>;
  /** What would be refused, with the field that is at fault. */
  readonly badTemplates: readonly (readonly [template: string, field: string])[];
  /** One that can be read, and of which no instance can be made. */
  failingTemplate(): Promise<string>;
  /** The instances that the backend has, running or not, by id. */
  there(): Promise<readonly string[]>;
}

const launching = [
  "[instances]",
  "launch = true",
  "[drives]",
  "reconcile_interval = 1",
  "[limits]",
  "instances_per_project = 5",
];

/** Plain QEMU processes. */
export async function qemuBackend(): Promise<Backend> {
  const directory = await privateDirectory("instances");
  const service = await Service.start({ config: launching });
  return {
    service,
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
    there: () => qemuProcesses(service.sockets),
    async [Symbol.asyncDispose]() {
      for (const id of await qemuProcesses(service.sockets)) await killInstance(service.sockets, id);
      await service.stop();
    },
  };
}

/** Domains of a libvirt daemon. */
export async function libvirtBackend(): Promise<Backend> {
  const daemon = await LibvirtDaemon.start();
  const config = [
    "[drives]",
    "hypervisor = libvirt",
    "[libvirt_daemon]",
    `uri = qemu+unix:///system?socket=${socketOf(daemon)}`,
  ];
  const service = await Service.start({ config: [...config, ...launching] });
  const { directory } = daemon;
  return {
    service,
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
      await service.stop();
      await daemon[Symbol.asyncDispose]();
    },
  };
}

function socketOf({ endpoint: { uri } }: LibvirtDaemon): string {
  if (uri.transport !== "unix") throw new Error("the rig's daemon listens at a unix socket");
  return uri.socket;
}

function systemDisk(path: string): string {
  return `<disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="${path}"/><target dev="vda" bus="virtio"/><readonly/></disk>`;
}

/** The ids of the QEMU processes whose pid file is in a folder. */
async function qemuProcesses(sockets: string): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const { id } of await commandLines(sockets)) ids.add(id);
  return [...ids];
}

async function killInstance(sockets: string, id: string): Promise<void> {
  for (const each of await commandLines(sockets)) if (each.id === id) process.kill(each.pid, "SIGKILL");
}

async function commandLines(sockets: string): Promise<readonly { readonly pid: number; readonly id: string }[]> {
  const found = [];
  for (const entry of await readdir("/proc")) {
    if (!/^[0-9]+$/.test(entry)) continue;
    const line = await readFile(join("/proc", entry, "cmdline"), "utf8").catch(() => "");
    const id = /\0-uuid\0([0-9a-f-]{36})\0-pidfile\0/.exec(line)?.[1];
    if (id !== undefined && line.includes(`\0-pidfile\0${sockets}/`)) found.push({ pid: Number(entry), id });
  }
  return found;
}
