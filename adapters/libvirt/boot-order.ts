import type { Element } from "@xmldom/xmldom";
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
  return inItsOrder(children(devices, "disk")).find((disk) => wanted.includes(disk.getAttribute("device") ?? "disk"));
}

/** Disks as libvirt has them: those of one bus stand together, where its first one stood, by their targets. */
function inItsOrder(disks: readonly Element[]): readonly Element[] {
  const placed = disks.map((disk) => ({ disk, ...targetOf(disk) }));
  const buses = placed.map(({ bus }) => bus);
  placed.sort((one, other) => buses.indexOf(one.bus) - buses.indexOf(other.bus) || one.index - other.index);
  return placed.map(({ disk }) => disk);
}

function targetOf(disk: Element): { readonly bus: string; readonly index: number } {
  const target = children(disk, "target")[0];
  const [, prefix = "", letters = ""] = /^(xvd|[hsvf]d)([a-z]*)/.exec(target?.getAttribute("dev") ?? "") ?? [];
  return { bus: target?.getAttribute("bus") ?? BUS_OF_PREFIX[prefix] ?? "", index: indexOfLetters(letters) };
}

function children(parent: Element, name: string): Element[] {
  return Array.from(parent.getElementsByTagName(name)).filter((element) => element.parentNode === parent);
}
