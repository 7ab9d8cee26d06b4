import type { Element } from "@xmldom/xmldom";
import type { DeviceBus, DeviceKind } from "#drive/drive.js";
import type { DomainDescription } from "./domain-xml.js";
import { children } from "./elements.js";
import { indexOfLetters } from "./targets.js";

/** The bus that a target stands for by its first letters, where none is said (formatdomain, `target`). */
const BUS_OF_PREFIX: Readonly<Record<string, string>> = { hd: "ide", sd: "scsi", vd: "virtio", xvd: "xen", fd: "fdc" };

/**
 * Gives the devices of a template that libvirt would boot from by their kind alone (`<os><boot dev=…/>`; the first disk where nothing is
 * said) the same places in the boot order by name, so that no device that is added has one: a drive that is the only CD-ROM would come first where
 * `cdrom` does. A template that names devices itself stays as it is, and so does one that has nothing to boot from.
 */
export function nameBootDevices(domain: Element, devices: Element): void {
  const document = domain.ownerDocument;
  if (document === null || devices.getElementsByTagName("boot").length > 0) return;
  const said = children(domain, "os").flatMap((os) => children(os, "boot"));
  const kinds = said.length === 0 ? ["hd"] : said.map((boot) => boot.getAttribute("dev") ?? "");
  const chosen = [...new Set(kinds)].flatMap((kind) => firstOf(kind, devices) ?? []);
  if (chosen.length === 0) return;
  for (const boot of said) boot.parentNode?.removeChild(boot);
  for (const [index, device] of chosen.entries()) {
    const boot = document.createElement("boot");
    boot.setAttribute("order", String(index + 1));
    device.appendChild(boot);
  }
}

/** The one device of a kind that libvirt boots from (libvirt 9.0, src/qemu/qemu_process.c, qemuProcessPrepareDeviceBootorder). */
function firstOf(kind: string, devices: Element): Element | undefined {
  if (kind === "network") return children(devices, "interface")[0];
  const wanted = kind === "hd" ? ["disk", "lun"] : [kind === "fd" ? "floppy" : kind];
  return inItsOrder(children(devices, "disk").map((disk) => ({ disk, ...targetOf(disk) }))).find(({ disk }) =>
    wanted.includes(disk.getAttribute("device") ?? "disk"),
  )?.disk;
}

function targetOf(disk: Element): { readonly bus: string; readonly target: string } {
  const named = children(disk, "target")[0];
  const target = named?.getAttribute("dev") ?? "";
  const [prefix = ""] = /^(xvd|[hsvf]d)/.exec(target) ?? [];
  return { bus: named?.getAttribute("bus") ?? BUS_OF_PREFIX[prefix] ?? "", target };
}

/**
 * Whether a drive that a domain gets on this bus would be the first that its next start tries, before what it boots from now: libvirt
 * takes the first device of each kind, and the drive has nothing to say against that.
 */
export function wouldBootFirst(description: DomainDescription, kind: DeviceKind, bus: DeviceBus): boolean {
  const own = kind === "cdrom" ? "cdrom" : "hd";
  const theirs = inItsOrder(description.disks).filter(({ drive }) => drive === undefined);
  const first = (bootKind: string) => theirs.find(({ device }) => bootKind === kindOf(device));
  const isThere = (bootKind: string) =>
    bootKind === "network" ? description.hasNetwork : first(bootKind) !== undefined;
  const rank = description.bootKinds.indexOf(own);
  if (rank < 0 || description.bootKinds.slice(0, rank).some(isThere)) return false;
  const standing = first(own);
  if (standing === undefined) return description.bootKinds.slice(rank + 1).some(isThere);
  const buses = theirs.map((disk) => disk.bus);
  return buses.includes(bus) && buses.indexOf(bus) < buses.indexOf(standing.bus);
}

function kindOf(device: string): string {
  return device === "floppy" ? "fd" : device === "cdrom" ? "cdrom" : "hd";
}

/** Disks as libvirt has them: those of one bus stand together, where its first one stood, by their targets. */
function inItsOrder<T extends { readonly bus: string; readonly target: string }>(disks: readonly T[]): readonly T[] {
  const buses = disks.map(({ bus }) => bus);
  const index = ({ target }: T) => indexOfLetters(target.replace(/^(xv|[hsvf])d/, ""));
  return disks.toSorted((one, other) => buses.indexOf(one.bus) - buses.indexOf(other.bus) || index(one) - index(other));
}
