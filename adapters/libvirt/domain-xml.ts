import { DOMParser, type Element } from "@xmldom/xmldom";
import { Refusal } from "#drive/refusal.js";
import { children } from "./elements.js";
import { parseAlias } from "./names.js";

/** A disk of a domain, as far as drives are concerned. */
export interface Disk {
  /** `cdrom`, `disk`, … */
  readonly device: string;
  readonly bus: string;
  /** What libvirt calls it, such as `sdb`. */
  readonly target: string;
  readonly alias: string | undefined;
  readonly file: string | undefined;
  /** The guest has ejected the medium and sees nothing: libvirt tells it of a running domain (`tray` of `target`). */
  readonly trayOpen: boolean;
  /** Controller and unit on a SCSI bus. */
  readonly scsi: { readonly controller: number; readonly unit: number } | undefined;
  /** Set for a disk of ours. */
  readonly drive: { readonly driveId: string; readonly generation: number } | undefined;
}

/** What of a domain's description (libvirt's formatdomain) decides where a drive can be. */
export interface DomainDescription {
  readonly disks: readonly Disk[];
  /** Indexes of virtio-scsi controllers. */
  readonly scsiControllers: readonly number[];
  readonly usb: boolean;
  /** Free places for a virtio disk, on the root bus (`pci-root`) or at a `pcie-root-port`. */
  readonly freePciPlaces: number;
  readonly pciRoot: "pci-root" | "pcie-root" | undefined;
  /** The kinds of device that the next start tries, in this order (`<os><boot dev=…/>`); none where devices have an order of their own. */
  readonly bootKinds: readonly string[];
  readonly hasNetwork: boolean;
  /** Without ACPI a conventional root bus takes nothing while the guest runs. */
  readonly acpi: boolean;
}

/** Slots 1 to 31 of a conventional root bus; slot 0 is the host bridge. */
const PCI_SLOTS = 31;

/** Reads a description. Refuses with HYPERVISOR_FAILED what is not a domain's XML. */
export function parseDescription(xml: string): DomainDescription {
  const domain = parse(xml);
  const devices = children(domain, "devices")[0];
  const controllers = devices === undefined ? [] : children(devices, "controller");
  const pci = controllers.filter((controller) => attribute(controller, "type") === "pci");
  const pciRoot = pci.map((controller) => attribute(controller, "model")).find(isRoot);
  return {
    disks: devices === undefined ? [] : children(devices, "disk").map(readDisk),
    scsiControllers: controllers
      .filter((it) => attribute(it, "type") === "scsi" && attribute(it, "model")?.startsWith("virtio"))
      .map((it) => Number(attribute(it, "index"))),
    usb: controllers.some((it) => attribute(it, "type") === "usb" && attribute(it, "model") !== "none"),
    freePciPlaces: devices === undefined ? 0 : freePlaces(devices, pci, pciRoot),
    pciRoot,
    bootKinds: bootKindsOf(domain),
    hasNetwork: devices !== undefined && children(devices, "interface").length > 0,
    acpi: children(domain, "features").some((features) => children(features, "acpi").length > 0),
  };
}

function bootKindsOf(domain: Element): string[] {
  if (children(domain, "devices").some((devices) => devices.getElementsByTagName("boot").length > 0)) return [];
  const said = children(domain, "os").flatMap((os) => children(os, "boot"));
  return said.map((boot) => attribute(boot, "dev") ?? "");
}

function isRoot(model: string | undefined): model is "pci-root" | "pcie-root" {
  return model === "pci-root" || model === "pcie-root";
}

function parse(xml: string): Element {
  try {
    const root = new DOMParser({ onError: failed }).parseFromString(xml, "text/xml").documentElement;
    if (root !== null && root.tagName === "domain") return root;
    throw new Error(`the root is ${root?.tagName ?? "missing"}, not domain`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("HYPERVISOR_FAILED", `libvirt's description of a domain cannot be read: ${why}`, {
      metadata: { hypervisor: "libvirt" },
      cause: error,
    });
  }
}

function failed(level: string, message: string): void {
  if (level !== "warning") throw new Error(message);
}

function readDisk(disk: Element): Disk {
  const target = children(disk, "target")[0];
  const source = children(disk, "source")[0];
  const name = children(disk, "alias")[0];
  const address = children(disk, "address")[0];
  const alias = name === undefined ? undefined : attribute(name, "name");
  return {
    device: attribute(disk, "device") ?? "disk",
    bus: (target && attribute(target, "bus")) ?? "",
    target: (target && attribute(target, "dev")) ?? "",
    alias,
    trayOpen: target !== undefined && attribute(target, "tray") === "open",
    file: source === undefined ? undefined : attribute(source, "file"),
    scsi:
      address !== undefined && attribute(address, "type") === "drive"
        ? { controller: Number(attribute(address, "controller")), unit: Number(attribute(address, "unit")) }
        : undefined,
    drive: alias === undefined ? undefined : parseAlias(alias),
  };
}

/** Each root port takes one device; a conventional root bus takes one for each slot. */
function freePlaces(devices: Element, pci: readonly Element[], root: DomainDescription["pciRoot"]): number {
  const addresses = Array.from(devices.getElementsByTagName("address")).filter((it) => attribute(it, "type") === "pci");
  const on = (bus: number) => addresses.filter((it) => Number(attribute(it, "bus")) === bus);
  if (root === "pci-root") return PCI_SLOTS - new Set(on(0).map((it) => Number(attribute(it, "slot")))).size;
  const ports = pci
    .filter((it) => attribute(it, "model") === "pcie-root-port")
    .map((it) => Number(attribute(it, "index")));
  return ports.filter((port) => on(port).length === 0).length;
}

function attribute(element: Element, name: string): string | undefined {
  return element.getAttribute(name) ?? undefined;
}
