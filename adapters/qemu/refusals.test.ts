import { QmpCommandError, QmpConnectionLost, QmpUnreachable } from "./qmp-error.js";
import { refusalFrom } from "./refusals.js";

test.each([
  ["Device 'd' is locked and force was not specified, wait for tray to open and try again", "DEVICE_LOCKED"],
  ["Tray of device 'd' is not open", "DEVICE_BUSY"],
  ["Tray of the device is not open", "DEVICE_BUSY"],
  ["Bus 'pcie.0' does not support hotplugging", "BUS_NOT_AVAILABLE"],
  ["PCI: no slot/function available for virtio-blk-pci, all in use or reserved", "BUS_NOT_AVAILABLE"],
  ["Bus 'scsi0.0' not found", "BUS_NOT_AVAILABLE"],
  ["No 'usb-bus' bus found for device 'usb-storage'", "BUS_NOT_AVAILABLE"],
  ["Node n is in use", "DEVICE_BUSY"],
  ["Node 'n' is already in use", "DEVICE_BUSY"],
  ["Duplicate device ID 'd'", "DEVICE_BUSY"],
  ["Duplicate nodes with node-name='n'", "DEVICE_BUSY"],
  ["Device d is already in the process of unplug", "DEVICE_BUSY"],
  ["Could not open '/x': No such file or directory", "HYPERVISOR_FAILED"],
  ["something of a later release", "HYPERVISOR_FAILED"],
])("QEMU's %j is %s", (description, reason) => {
  const error = new QmpCommandError("device_add", "GenericError", description);
  expect(refusalFrom(error, "vm-1")).toMatchObject({
    reason,
    message: `QEMU refused device_add for instance vm-1: ${description}`,
    metadata: { hypervisor: "qemu", instance_id: "vm-1", command: "device_add", qmp_class: "GenericError" },
    cause: error,
  });
});

test.each([
  ["ENOENT", "INSTANCE_NOT_FOUND"],
  ["ECONNREFUSED", "INSTANCE_NOT_RUNNING"],
  ["EACCES", "HYPERVISOR_UNREACHABLE"],
  ["EAGAIN", "HYPERVISOR_UNREACHABLE"],
  ["NO_GREETING", "HYPERVISOR_UNREACHABLE"],
  ["EMFILE", "HYPERVISOR_UNREACHABLE"],
])("%s on the way to the monitor is %s", (code, reason) => {
  expect(refusalFrom(new QmpUnreachable("/run/x", code), "vm-1")).toMatchObject({
    reason,
    message: expect.stringContaining("/run/x"),
  });
});

test("a lost monitor is unreachable; what is none of the monitor's stays as it is", () => {
  const lost = new QmpConnectionLost("/run/x", "the monitor closed the connection");
  expect(refusalFrom(lost, "vm-1")).toMatchObject({ reason: "HYPERVISOR_UNREACHABLE", cause: lost });
  const bug = new TypeError("bug");
  expect(refusalFrom(bug, "vm-1")).toBe(bug);
});
