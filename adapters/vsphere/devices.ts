import type { Element } from "@xmldom/xmldom";
import type { DeviceBus } from "#drive/drive.js";
import { datastorePath, parseBacking, type ShownImage } from "./names.js";
import { childOf, element, elementsOf, textOf, typeOf } from "./vim.js";

/** A CD-ROM of a machine. */
export interface Cdrom {
  readonly key: number;
  readonly controllerKey: number;
  readonly unit: number;
  /** Whether the machine shows a medium in it, or will when it is switched on. */
  readonly connected: boolean;
  /** Set for one of ours. */
  readonly drive: ShownImage | undefined;
}

/** Where a CD-ROM can be. */
export interface Slot {
  readonly bus: Extract<DeviceBus, "sata" | "ide">;
  readonly controllerKey: number;
  readonly unit: number;
}

/** What of a machine's hardware decides where a drive can be. */
export interface Hardware {
  readonly cdroms: readonly Cdrom[];
  /** Places that are free, SATA before IDE. */
  readonly free: readonly Slot[];
}

/** Ports of an AHCI controller, and devices of an IDE channel (vSphere configuration maximums). */
const CONTROLLERS: Readonly<Record<string, { readonly bus: Slot["bus"]; readonly units: number }>> = {
  VirtualAHCIController: { bus: "sata", units: 30 },
  VirtualIDEController: { bus: "ide", units: 2 },
};

/**
 * Reads `config.hardware.device`.
 * @param on - whether the machine is on: a CD-ROM of one that is off is connected to nothing yet
 */
export function readHardware(devices: Element | undefined, on: boolean): Hardware {
  const all = devices === undefined ? [] : elementsOf(devices);
  const taken = new Set(all.map((device) => `${textOf(device, "controllerKey")}:${textOf(device, "unitNumber")}`));
  const free = all.flatMap((device) => {
    const controller = CONTROLLERS[typeOf(device)];
    if (controller === undefined) return [];
    const controllerKey = Number(textOf(device, "key"));
    const units = Array.from({ length: controller.units }, (_, unit) => unit);
    return units
      .filter((unit) => !taken.has(`${controllerKey}:${unit}`))
      .map((unit): Slot => ({ bus: controller.bus, controllerKey, unit }));
  });
  return {
    cdroms: all.filter((device) => typeOf(device) === "VirtualCdrom").map((device) => readCdrom(device, on)),
    free: free.sort((one, other) => Number(one.bus === "ide") - Number(other.bus === "ide")),
  };
}

function readCdrom(device: Element, on: boolean): Cdrom {
  const connectable = childOf(device, "connectable");
  return {
    key: Number(textOf(device, "key")),
    controllerKey: Number(textOf(device, "controllerKey")),
    unit: Number(textOf(device, "unitNumber")),
    connected: textOf(connectable, on ? "connected" : "startConnected") === "true",
    drive: parseBacking(textOf(childOf(device, "backing"), "fileName")),
  };
}

/** The change of a machine (VirtualMachineConfigSpec) that adds a CD-ROM with an image, or lets one show another image. */
export function showing(
  operation: "add" | "edit",
  at: { readonly key: number; readonly controllerKey: number; readonly unit: number },
  image: Pick<ShownImage, "datastore" | "path">,
): string {
  const file = datastorePath(image.datastore, image.path);
  return change(
    operation,
    element("key", at.key) +
      // vcsim cannot edit a device that is sent without a description; vCenter writes its own.
      (operation === "edit" ? `<deviceInfo>${element("label", "")}${element("summary", "")}</deviceInfo>` : "") +
      `<backing xsi:type="VirtualCdromIsoBackingInfo">${element("fileName", file)}</backing>` +
      "<connectable><startConnected>true</startConnected><allowGuestControl>false</allowGuestControl><connected>true</connected></connectable>" +
      element("controllerKey", at.controllerKey) +
      element("unitNumber", at.unit),
  );
}

/** The change that takes a CD-ROM away. */
export function removing({ key }: Cdrom): string {
  return change("remove", element("key", key));
}

function change(operation: "add" | "edit" | "remove", device: string): string {
  return `<spec><deviceChange xsi:type="VirtualDeviceConfigSpec">${element("operation", operation)}<device xsi:type="VirtualCdrom">${device}</device></deviceChange></spec>`;
}
