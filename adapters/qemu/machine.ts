import { z } from "zod";
import type { DeviceBus } from "#drive/drive.js";
import type { Session } from "./session.js";

const properties = z.array(z.object({ name: z.string(), type: z.string() }));
const pciBuses = z.array(
  z.object({
    bus: z.number(),
    devices: z.array(z.object({ slot: z.number(), function: z.number().default(0), qdev_id: z.string().default("") })),
  }),
);
type PciBuses = z.infer<typeof pciBuses>;

/** What a machine offers for a drive, read from QEMU's device tree. */
export interface Machine {
  /** QEMU's own type, such as `pc-q35-7.2-machine`. */
  readonly type: string;
  /** Names of the SCSI buses behind virtio controllers. */
  readonly scsiBuses: readonly string[];
  /** Names of the USB buses. */
  readonly usbBuses: readonly string[];
  /** Hot-pluggable PCI Express root ports that have an id, in the order in which firmware finds them. */
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
/** The folders of the QOM tree where the devices that somebody added stand: with an id, and without one. */
const DEVICE_FOLDERS = ["/machine/peripheral", "/machine/peripheral-anon"];
const WITH_ID = "/machine/peripheral/";
/** Where those stand that the machine makes itself, USB controllers among them; all others are added. */
const BUILT_IN = "/machine/unattached";
/** A machine of which nothing was read. */
const UNREAD: Machine = {
  type: "",
  scsiBuses: [],
  usbBuses: [],
  rootPorts: [],
  freeRootPorts: [],
  rootBusHotplug: false,
  freeSlot: undefined,
};

/** `rp2` before `rp10`. */
const byName = new Intl.Collator("en", { numeric: true });

/**
 * Reads what the machine offers. Changes nothing.
 * @param enough - a bus that serves by itself: where a drive can be plugged into it, the rest is not looked for (each question takes
 * QEMU as long as an attach) and is left out of what is given
 */
export async function readMachine(session: Session, enough?: DeviceBus): Promise<Machine> {
  const devices: Child[] = [];
  const scsiBuses: string[] = [];
  for (const folder of DEVICE_FOLDERS) {
    const added = await children(session, folder);
    devices.push(...added);
    scsiBuses.push(...(await scsiBusesOf(session, added)));
    if (enough === "scsi" && scsiBuses.length > 0) return { ...UNREAD, scsiBuses };
  }

  const type = await session.run("qom-get", { path: "/machine", property: "type" }, z.string());
  const rootBusHotplug = /^pc-i440fx-/.test(type);
  const pci = await session.run("query-pci", {}, pciBuses);
  const freeSlot = highestFreeSlot(pci);
  const ports = await rootPortsOf(session, devices, pci);
  const onPci = { type, ...ports, rootBusHotplug, freeSlot };
  const takesDisk = (rootBusHotplug && freeSlot !== undefined) || ports.freeRootPorts.length > 0;
  if (enough === "virtio" && takesDisk) return { ...UNREAD, ...onPci };

  devices.push(...(await children(session, BUILT_IN)));
  return { ...onPci, scsiBuses, usbBuses: await usbBusesOf(session, devices) };
}

/**
 * The bus behind a virtio-scsi controller with an id is named after it, as command lines have it (`virtio_scsi_pci_realize` in QEMU's
 * hw/virtio/virtio-scsi-pci.c); behind one without, it is looked for.
 */
async function scsiBusesOf(session: Session, devices: readonly Child[]): Promise<string[]> {
  const found: string[] = [];
  for (const { name, path } of devices.filter(({ type }) => VIRTIO_SCSI.test(type))) {
    if (path.startsWith(WITH_ID)) found.push(`${name}.0`);
    else found.push(...named(await children(session, `${path}/virtio-backend`), "SCSI"));
  }
  return found;
}

async function usbBusesOf(session: Session, devices: readonly Child[]): Promise<string[]> {
  const found: string[] = [];
  for (const { path } of devices.filter(({ type }) => USB_CONTROLLER.test(type))) {
    found.push(...named(await children(session, path), "usb-bus"));
  }
  return found;
}

async function rootPortsOf(
  session: Session,
  devices: readonly Child[],
  pci: PciBuses,
): Promise<Pick<Machine, "rootPorts" | "freeRootPorts">> {
  const placed = pci.flatMap(({ bus, devices: on }) => on.map(({ qdev_id, ...at }) => ({ id: qdev_id, bus, ...at })));
  placed.sort((a, b) => a.bus - b.bus || a.slot - b.slot || a.function - b.function);
  const order = placed.map(({ id }) => id);
  const ports = devices.filter(({ type }) => ROOT_PORT.test(type));
  const rootPorts: string[] = [];
  const freeRootPorts: string[] = [];
  for (const device of ports.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))) {
    if (!(await takesHotplug(session, device))) continue;
    rootPorts.push(device.name);
    if (await isEmpty(session, `${device.path}/${device.name}`)) freeRootPorts.push(device.name);
  }
  return { rootPorts, freeRootPorts };
}

/** The objects below a path, by name: QEMU gives them in no order. */
async function children(session: Session, path: string): Promise<Child[]> {
  const listed = await session.run("qom-list", { path }, properties);
  const found = listed.flatMap(({ name, type }) => {
    const child = /^child<(.*)>$/.exec(type)?.[1];
    return child === undefined ? [] : [{ name, path: `${path}/${name}`, type: child }];
  });
  return found.sort((one, other) => byName.compare(one.name, other.name));
}

function named(list: readonly Child[], type: string): string[] {
  return list.filter((child) => child.type === type).map((child) => child.name);
}

/** The bus of a port without an id is called `pcie.0` like the root bus, so that nothing can be plugged into it by name. */
async function takesHotplug(session: Session, port: Child): Promise<boolean> {
  if (!port.path.startsWith(WITH_ID)) return false;
  const listed = await session.run("qom-list", { path: port.path }, properties);
  if (!listed.some(({ name }) => name === "hotplug")) return true;
  return session.run("qom-get", { path: port.path, property: "hotplug" }, z.boolean());
}

async function isEmpty(session: Session, bus: string): Promise<boolean> {
  const listed = await session.run("qom-list", { path: bus }, properties);
  return !listed.some(({ name }) => /^child\[/.test(name));
}

function highestFreeSlot(buses: PciBuses): number | undefined {
  const taken = new Set(buses.find(({ bus }) => bus === 0)?.devices.map(({ slot }) => slot));
  for (let slot = 31; slot > 0; slot--) if (!taken.has(slot)) return slot;
  return undefined;
}
