import { z } from "zod";
import type { Session } from "./session.js";

const properties = z.array(z.object({ name: z.string(), type: z.string() }));
const pciBuses = z.array(z.object({ bus: z.number(), devices: z.array(z.object({ slot: z.number() })) }));

/** What a machine offers for a drive, read from QEMU's device tree. */
export interface Machine {
  /** QEMU's own type, such as `pc-q35-7.2-machine`. */
  readonly type: string;
  /** Names of the SCSI buses behind virtio controllers. */
  readonly scsiBuses: readonly string[];
  readonly usbBuses: readonly string[];
  /** Hot-pluggable PCI Express root ports that have an id, by id. */
  readonly rootPorts: readonly string[];
  /** Those of them that nothing is plugged into. */
  readonly freeRootPorts: readonly string[];
  /** Whether PCI slots of the root bus take a device while the machine runs: `pc` (i440fx) only. */
  readonly rootBusHotplug: boolean;
  /** The highest free slot of the root bus; `undefined` when all are taken. */
  readonly freeSlot: number | undefined;
}

interface Child {
  readonly name: string;
  readonly path: string;
  readonly type: string;
}

const VIRTIO_SCSI = /^virtio-scsi-pci(-transitional|-non-transitional)?$/;
const USB_CONTROLLER = /(xhci|ehci|uhci|ohci)/;
const ROOT_PORT = /^(pcie-root-port|ioh3420)$/;
/** The folders of the QOM tree where devices stand: with an id, without one, and made by the machine itself. */
const DEVICE_FOLDERS = ["/machine/peripheral", "/machine/peripheral-anon", "/machine/unattached"];

/** Reads what the machine offers. Changes nothing. */
export async function readMachine(session: Session): Promise<Machine> {
  const type = await session.run("qom-get", { path: "/machine", property: "type" }, z.string());
  const devices: Child[] = [];
  for (const folder of DEVICE_FOLDERS) devices.push(...(await children(session, folder)));

  const scsiBuses: string[] = [];
  const usbBuses: string[] = [];
  const rootPorts: string[] = [];
  const freeRootPorts: string[] = [];
  for (const device of devices) {
    if (VIRTIO_SCSI.test(device.type)) {
      scsiBuses.push(...named(await children(session, `${device.path}/virtio-backend`), "SCSI"));
    } else if (USB_CONTROLLER.test(device.type)) {
      usbBuses.push(...named(await children(session, device.path), "usb-bus"));
    } else if (ROOT_PORT.test(device.type) && (await takesHotplug(session, device))) {
      rootPorts.push(device.name);
      if (await isEmpty(session, `${device.path}/${device.name}`)) freeRootPorts.push(device.name);
    }
  }
  return {
    type,
    scsiBuses,
    usbBuses,
    rootPorts,
    freeRootPorts,
    rootBusHotplug: /^pc-i440fx-/.test(type),
    freeSlot: await highestFreeSlot(session),
  };
}

/** The objects below a path, by name: QEMU gives them in no order. */
async function children(session: Session, path: string): Promise<Child[]> {
  const listed = await session.run("qom-list", { path }, properties);
  listed.sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
  return listed.flatMap(({ name, type }) => {
    const child = /^child<(.*)>$/.exec(type)?.[1];
    return child === undefined ? [] : [{ name, path: `${path}/${name}`, type: child }];
  });
}

function named(list: readonly Child[], type: string): string[] {
  return list.filter((child) => child.type === type).map((child) => child.name);
}

/** The bus of a port without an id is called `pcie.0` like the root bus, so that nothing can be plugged into it by name. */
async function takesHotplug(session: Session, port: Child): Promise<boolean> {
  if (!port.path.startsWith("/machine/peripheral/")) return false;
  const listed = await session.run("qom-list", { path: port.path }, properties);
  if (!listed.some(({ name }) => name === "hotplug")) return true;
  return session.run("qom-get", { path: port.path, property: "hotplug" }, z.boolean());
}

async function isEmpty(session: Session, bus: string): Promise<boolean> {
  const listed = await session.run("qom-list", { path: bus }, properties);
  return !listed.some(({ name }) => /^child\[/.test(name));
}

async function highestFreeSlot(session: Session): Promise<number | undefined> {
  const buses = await session.run("query-pci", {}, pciBuses);
  const taken = new Set(buses.find(({ bus }) => bus === 0)?.devices.map(({ slot }) => slot));
  for (let slot = 31; slot > 0; slot--) if (!taken.has(slot)) return slot;
  return undefined;
}
