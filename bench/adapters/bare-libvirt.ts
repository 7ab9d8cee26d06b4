import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Connection } from "#adapters/libvirt/connection.js";
import { diskXml } from "#adapters/libvirt/device-xml.js";
import { diskAlias } from "#adapters/libvirt/names.js";
import {
  DEVICE_REMOVED_EVENT,
  DEVICE_REMOVED_MESSAGE,
  readDomain,
  writeDomain,
} from "#adapters/libvirt/remote-program.js";
import { XdrWriter } from "#adapters/libvirt/xdr.js";
import type { LibvirtDaemon } from "#integration/rigs/libvirt-daemon.js";

const wait = () => AbortSignal.timeout(30_000);
const nothing = () => undefined;
const LIVE = 1;
const driveId = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";

/** One way to give a domain a cdrom and take it again; each gives milliseconds. */
export interface Way {
  attach(): Promise<void>;
  detach(): Promise<void>;
}

function cdromXml(path: string): string {
  const slot = { kind: "cdrom", bus: "scsi", target: "sdz", scsi: { controller: 0, unit: 9 } } as const;
  return diskXml(slot, { driveId, generation: 1, path, uploaded: false });
}

/**
 * libvirt's own calls on a connection that stands: an attach until the domain's description has the disk, a detach until libvirt says
 * that the guest let it go (the call returns before). What cannot be had for less.
 */
export async function bareCalls(daemon: LibvirtDaemon, uuid: string, path: string): Promise<Way & AsyncDisposable> {
  const connection = await Connection.connect(daemon.endpoint, wait());
  await connection.call("authList", Buffer.alloc(0), (reader) => reader.list(9, (inner) => inner.int()), wait());
  const driver = new XdrWriter().optional("qemu:///system", (writer, name) => writer.string(name)).uint(0);
  await connection.call("connectOpen", driver.bytes(), nothing, wait());
  const named = new XdrWriter().fixedOpaque(Buffer.from(uuid.replaceAll("-", ""), "hex")).bytes();
  const domain = await connection.call("domainLookupByUuid", named, readDomain, wait());
  const about = (text: string) => writeDomain(new XdrWriter(), domain).string(text).uint(LIVE).bytes();
  const removals = new XdrWriter().int(DEVICE_REMOVED_EVENT).optional(domain, writeDomain).bytes();
  await connection.call("domainEventRegister", removals, (reader) => reader.int(), wait());
  let removed = () => {};
  connection.listen(DEVICE_REMOVED_MESSAGE, () => removed());
  const description = writeDomain(new XdrWriter(), domain).uint(0).bytes();
  return {
    attach: async () => {
      await connection.call("domainAttachDeviceFlags", about(cdromXml(path)), nothing, wait());
      await connection.call("domainGetXmlDesc", description, (reader) => reader.string(1 << 22), wait());
    },
    detach: async () => {
      const gone = new Promise<void>((resolve) => {
        removed = resolve;
      });
      await connection.call("domainDetachDeviceAlias", about(diskAlias(driveId, 1)), nothing, wait());
      await gone;
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** A `virsh` for each step, as scripts have it. */
export async function virshChildren(daemon: LibvirtDaemon, uuid: string, path: string): Promise<Way> {
  const file = join(daemon.directory, "cdrom.xml");
  await writeFile(file, cdromXml(path));
  const { uri } = daemon.endpoint;
  if (uri.transport !== "unix") throw new Error("virsh goes to the unix socket");
  const virsh = async (...args: string[]) => {
    await promisify(execFile)("virsh", ["-c", `qemu+unix:///system?socket=${uri.socket}`, ...args]);
  };
  return {
    attach: () => virsh("attach-device", uuid, file, "--live"),
    detach: () => virsh("detach-device", uuid, file, "--live"),
  };
}
