import type { DeviceForm } from "#drive/hypervisor.js";

/** What the guests of the suites can read; their kernel has no USB. */
export const GUEST_FORMS: readonly DeviceForm[] = [
  { kind: "cdrom", bus: "scsi" },
  { kind: "disk", bus: "virtio" },
  { kind: "disk", bus: "scsi" },
];
