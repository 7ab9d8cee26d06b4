import { hasCode, refusalFrom } from "./refusals.js";
import { LibvirtConnectionLost, LibvirtError, LibvirtUnreachable } from "./remote-error.js";
import { XdrError } from "./xdr.js";

test.each([
  [42, "Domain not found: no domain with matching name 'x'", "INSTANCE_NOT_FOUND"],
  [55, "Requested operation is not valid: domain is not running", "INSTANCE_NOT_RUNNING"],
  [55, "Requested operation is not valid: target sdb already exists", "DEVICE_BUSY"],
  [27, "XML error: target 'sdb' duplicated for disk sources", "DEVICE_BUSY"],
  [67, "unsupported configuration: non unique alias detected: ua-x", "DEVICE_BUSY"],
  [
    1,
    "internal error: unable to execute QEMU command 'device_add': Bus 'pci.0' does not support hotplugging",
    "BUS_NOT_AVAILABLE",
  ],
  [1, "internal error: No more available PCI slots", "BUS_NOT_AVAILABLE"],
  [84, "Operation not supported: This type of device cannot be hot unplugged", "BUS_NOT_AVAILABLE"],
  [9, "operation failed: Device 'x' is locked and force was not specified", "DEVICE_LOCKED"],
  [68, "Timed out during operation: cannot acquire state change lock", "HYPERVISOR_UNREACHABLE"],
  [88, "access denied", "HYPERVISOR_UNREACHABLE"],
  [38, "Cannot access storage file '/x': No such file or directory", "HYPERVISOR_FAILED"],
  [1, "internal error: something of a later release", "HYPERVISOR_FAILED"],
])("libvirt's error %i, %j, is %s", (code, text, reason) => {
  const error = new LibvirtError("domainAttachDeviceFlags", code, text);
  const refusal = refusalFrom(error, "vm-1");
  expect(refusal).toMatchObject({
    reason,
    message: `libvirt refused domainAttachDeviceFlags for instance vm-1: ${text}`,
    metadata: { hypervisor: "libvirt", instance_id: "vm-1", libvirt_code: String(code) },
    cause: error,
  });
  expect(hasCode(refusal, code)).toBe(true);
});

test("a daemon that is away or speaks otherwise; what is none of libvirt's stays as it is", () => {
  expect(refusalFrom(new LibvirtUnreachable("/run/x", "ENOENT"), "vm")).toMatchObject({
    reason: "HYPERVISOR_UNREACHABLE",
  });
  expect(refusalFrom(new LibvirtConnectionLost("/run/x", "gone"), "vm")).toMatchObject({
    reason: "HYPERVISOR_UNREACHABLE",
  });
  expect(refusalFrom(new XdrError("short"), "vm")).toMatchObject({ reason: "HYPERVISOR_FAILED" });
  const bug = new TypeError("bug");
  expect(refusalFrom(bug, "vm")).toBe(bug);
});
