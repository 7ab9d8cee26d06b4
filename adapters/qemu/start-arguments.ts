import type { DeviceKind } from "#drive/drive.js";
import type { ShownDrive } from "#drive/launcher.js";
import type { MachineFamily } from "../start-choice.js";
import { nodeName } from "./names.js";

/** virtio-blk tells a guest the first 20 characters of a serial number (VIRTIO 1.2, 5.2.6.1). */
const SERIAL_CHARACTERS = 20;
const CONTROLLER = "configdrive-scsi";
/** Chassis numbers of root ports are unique within a machine; templates count theirs from 0. */
const FIRST_CHASSIS = 200;

/**
 * The arguments that put drives into a machine: read-only, without a boot index, behind everything else, so that firmware comes to
 * them last. Each can be taken, and a CD-ROM changed, while the guest runs, but for SATA and IDE, which keep their device.
 */
export function driveArguments(drives: readonly ShownDrive[], family: MachineFamily): string[] {
  const needsScsi = drives.some(({ device }) => device.bus === "scsi");
  return [
    ...(needsScsi ? ["-device", JSON.stringify({ driver: "virtio-scsi-pci", id: CONTROLLER })] : []),
    ...drives.flatMap((drive, index) => oneDrive(drive, family, index)),
  ];
}

function oneDrive({ image, device }: ShownDrive, family: MachineFamily, index: number): string[] {
  const node = nodeName(image.driveId, image.generation);
  const block = {
    driver: "raw",
    "node-name": node,
    "read-only": true,
    file: { driver: "file", filename: image.path },
  };
  const common = { id: device.name, drive: node, serial: image.driveId.slice(0, SERIAL_CHARACTERS) };
  const port = `configdrive-port${index}`;
  const needsPort = device.bus === "virtio" && family !== "pc";
  return [
    ...["-blockdev", JSON.stringify(block)],
    ...(needsPort
      ? ["-device", JSON.stringify({ driver: "pcie-root-port", id: port, chassis: FIRST_CHASSIS + index })]
      : []),
    ...["-device", JSON.stringify({ ...placeOf(device.kind, device.bus, needsPort ? port : undefined), ...common })],
  ];
}

function placeOf(kind: DeviceKind, bus: string, port: string | undefined): Record<string, string> {
  if (bus === "scsi") return { driver: kind === "cdrom" ? "scsi-cd" : "scsi-hd", bus: `${CONTROLLER}.0` };
  if (bus === "virtio") return { driver: "virtio-blk-pci", ...(port === undefined ? {} : { bus: port }) };
  // QEMU finds a free unit of the machine's own SATA or IDE controller by itself.
  return { driver: "ide-cd" };
}
