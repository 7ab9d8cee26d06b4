import { DOMParser, type Document, type Element, XMLSerializer } from "@xmldom/xmldom";
import type { DeviceBus } from "#drive/drive.js";
import type { Launchable, ShownDrive } from "#drive/launcher.js";
import type { MachineFamily } from "../start-choice.js";
import { filledIn, templateRefusal } from "../template-refusal.js";
import { nameBootDevices } from "./boot-order.js";
import { diskXml, type Shown } from "./device-xml.js";
import { parseDescription } from "./domain-xml.js";
import { children } from "./elements.js";
import { slotFor } from "./place.js";
import { indexOfLetters } from "./targets.js";

/** libvirt gives disks without an address controllers by their targets, so many to each: `sda` to `sdg` are at the first. */
const DISKS_AT_ONE = 7;

/** A domain that is to be: the template, filled in for one instance, with its id and its name. */
export class DomainTemplate {
  /** The controller of our own drives, and how many there are at it. */
  #scsi: { readonly index: number; drives: number } | undefined;

  private constructor(
    private readonly document: Document,
    private readonly domain: Element,
    private readonly devices: Element,
    /** The machine decides which devices there can be. */
    readonly family: MachineFamily,
  ) {}

  /** Reads a template. Refusals: INVALID_ARGUMENT names the place in it and the rule. */
  static parse(instance: Launchable): DomainTemplate {
    const document = parseXml(filledIn(instance.template, instance));
    const domain = document.documentElement;
    if (domain === null || domain.tagName !== "domain")
      throw templateRefusal("", "must be a libvirt domain's XML: <domain …>");
    if (child(domain, "uuid") !== undefined) throw templateRefusal("domain.uuid", "is set to the instance's id");
    const devices = child(domain, "devices");
    if (devices === undefined) throw templateRefusal("domain.devices", "is required");
    const family = familyOf(domain);
    setText(domain, "uuid", instance.id);
    setText(domain, "name", instance.name);
    return new DomainTemplate(document, domain, devices, family);
  }

  /** Puts a drive in, behind every other disk of its bus and in no boot order, with the controller that it needs. */
  add({ device }: ShownDrive, shown: Shown): void {
    nameBootDevices(this.domain, this.devices);
    const slot = slotFor([parseDescription(this.xml())], device.kind, device.bus satisfies DeviceBus);
    this.#append(diskXml(device.bus === "scsi" ? { ...slot, scsi: this.#scsiPlace() } : slot, shown));
  }

  /** The whole description. */
  xml(): string {
    return new XMLSerializer().serializeToString(this.document);
  }

  /** Every text and every attribute's value in it: what may be a secret. */
  values(): string[] {
    const values: string[] = [];
    for (const element of Array.from(this.document.getElementsByTagName("*"))) {
      for (const { value } of Array.from(element.attributes)) values.push(value);
      if (element.children.length === 0) values.push((element.textContent ?? "").trim());
    }
    return values;
  }

  /** A place at a controller of our own: those of the template's disks may be libvirt's to give yet. */
  #scsiPlace(): { controller: number; unit: number } {
    this.#scsi ??= { index: this.#addScsi(), drives: 0 };
    return { controller: this.#scsi.index, unit: this.#scsi.drives++ };
  }

  /** Adds a controller behind those that the template has, and those that libvirt adds for its disks. */
  #addScsi(): number {
    const given = children(this.devices, "controller").filter((it) => it.getAttribute("type") === "scsi");
    const said = given.map((it) => Number(it.getAttribute("index") ?? -1));
    const disks = parseDescription(this.xml()).disks.filter(({ bus }) => bus === "scsi");
    const used = disks.map(({ scsi, target }) => scsi?.controller ?? impliedController(target));
    const index = Math.max(given.length, ...[...said, ...used].map((one) => one + 1));
    this.#append(`<controller type="scsi" index="${index}" model="virtio-scsi"/>`);
    return index;
  }

  #append(xml: string): void {
    const { documentElement } = parseXml(xml);
    if (documentElement !== null) this.devices.appendChild(this.document.importNode(documentElement, true));
  }
}

/** What the parser says quotes the text around the fault, which may be a secret: only the place is told. */
function parseXml(text: string): Document {
  try {
    return new DOMParser({
      onError(level, message) {
        if (level !== "warning") throw new Error(message);
      },
    }).parseFromString(text, "text/xml");
  } catch (error) {
    const place = /line:(\d+),col:(\d+)/.exec(error instanceof Error ? error.message : "");
    throw templateRefusal("", place === null ? "must be XML" : `must be XML (line ${place[1]}, column ${place[2]})`);
  }
}

function familyOf(domain: Element): MachineFamily {
  const os = child(domain, "os");
  const type = os === undefined ? undefined : child(os, "type");
  if (type === undefined) throw templateRefusal("domain.os.type", "is required");
  const machine = type.getAttribute("machine") ?? "";
  if (/^(q35|pc-q35-.*)$/.test(machine)) return "q35";
  if (/^(pc|pc-i440fx-.*)$/.test(machine)) return "pc";
  if (/^(virt|virt-.*)$/.test(machine)) return "pcie";
  throw templateRefusal(
    "domain.os.type.machine",
    "must be a pc, q35 or virt machine: others have no place for a drive",
  );
}

function setText(parent: Element, name: string, text: string): void {
  for (const old of children(parent, name)) parent.removeChild(old);
  const document = parent.ownerDocument;
  if (document === null) return;
  const element = document.createElement(name);
  element.appendChild(document.createTextNode(text));
  parent.insertBefore(element, parent.firstChild);
}

function child(parent: Element, name: string): Element | undefined {
  return children(parent, name)[0];
}

function impliedController(target: string): number {
  return Math.floor(Math.max(0, indexOfLetters(target.slice(2))) / DISKS_AT_ONE);
}
