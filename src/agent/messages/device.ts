import { busWish, deviceMessage, formMessage, kindWish } from "#api/messages/device.js";
import type { Device } from "#drive/drive.js";
import type { DeviceForm, DeviceWish } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import type { DeviceForm as DeviceFormMessage } from "#gen/configdrive/agent/v1/agent.js";
import type { DeviceBus, DeviceKind, Device as DeviceMessage } from "#gen/configdrive/v1/drive.js";

export { deviceMessage, formMessage };

/** A device that the other side named. Refusals: INVALID_ARGUMENT where it does not say what it is. */
export function deviceOf(message: DeviceMessage | undefined): Device {
  return { ...formOf(message), name: message?.name ?? "", reason: message?.reason ?? "" };
}

/** A form of a device that the other side named; `undefined` for one that this version does not know. */
export function knownForm(message: DeviceFormMessage): DeviceForm | undefined {
  const [kind, bus] = [kindWish(message.kind), busWish(message.bus)];
  return kind === undefined || bus === undefined ? undefined : { kind, bus };
}

/** What is wished for a device, as it travels. */
export function wishMessage({ kind, bus, why = "" }: DeviceWish): { kind: DeviceKind; bus: DeviceBus; why: string } {
  const form = formMessage({ kind: kind ?? "cdrom", bus: bus ?? "virtio" });
  return { kind: kind === undefined ? 0 : form.kind, bus: bus === undefined ? 0 : form.bus, why };
}

/** What the other side wishes; what this version does not know is left open. */
export function wishOf(message: {
  readonly kind: DeviceKind;
  readonly bus: DeviceBus;
  readonly why: string;
}): DeviceWish {
  const [kind, bus] = [kindWish(message.kind), busWish(message.bus)];
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(bus === undefined ? {} : { bus }),
    ...(message.why === "" ? {} : { why: message.why }),
  };
}

function formOf(message: DeviceFormMessage | undefined): DeviceForm {
  const form = message === undefined ? undefined : knownForm(message);
  if (form !== undefined) return form;
  throw new Refusal("INVALID_ARGUMENT", "device: kind and bus must be said", {
    violations: [{ field: "device", rule: "kind and bus must be said" }],
  });
}
