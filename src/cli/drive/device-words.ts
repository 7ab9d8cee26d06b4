import { DeviceBus, DeviceKind } from "#gen/configdrive/v1/drive.js";

/** The kinds of device as people type them. */
export const KINDS = {
  cdrom: DeviceKind.DEVICE_KIND_CDROM,
  disk: DeviceKind.DEVICE_KIND_DISK,
  properties: DeviceKind.DEVICE_KIND_PROPERTIES,
};

/** What a device hangs on, as people type it. */
export const BUSES = {
  virtio: DeviceBus.DEVICE_BUS_VIRTIO,
  scsi: DeviceBus.DEVICE_BUS_SCSI,
  usb: DeviceBus.DEVICE_BUS_USB,
  ide: DeviceBus.DEVICE_BUS_IDE,
  sata: DeviceBus.DEVICE_BUS_SATA,
  guestinfo: DeviceBus.DEVICE_BUS_GUESTINFO,
};
