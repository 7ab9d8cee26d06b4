import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import { drivesRead, mountDrive, unmountDrive } from "#integration/rigs/guest-drives.js";
import { LibvirtDaemon } from "#integration/rigs/libvirt-daemon.js";
import { LibvirtGuest } from "#integration/rigs/libvirt-guest.js";
import type { Ability, Backend, BackendKind, Instance } from "./backend.js";
import { GUEST_FORMS } from "./guest-forms.js";
import { qemuVersion } from "./qemu-version.js";

export const LIBVIRT_ABILITIES: readonly Ability[] = ["boots", "stores", "pauses", "mounts", "restarts", "hangs"];

/** A private libvirt daemon of this machine, at its unix socket. */
export const libvirtBackend: BackendKind = {
  adapter: "libvirt",
  where: "unix socket",
  abilities: LIBVIRT_ABILITIES,
  machines: ["pc", "q35"],
  forms: GUEST_FORMS,
  start: async (): Promise<Backend> => {
    const daemon = await LibvirtDaemon.start();
    const against = `libvirt ${await daemon.version()}, QEMU ${await qemuVersion()}`;
    return {
      against,
      images: daemon.directory,
      open: (patience) => new LibvirtHypervisor({ uri: daemon.uri, ...patience }),
      instance: async (machine) =>
        instanceOf(await LibvirtGuest.define(daemon, machine === "pc" ? "pc" : "q35", daemon.directory), () =>
          daemon.hang(),
        ),
      restart: () => daemon.restart(),
      [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
    };
  },
};

/** A libvirt guest as the suite takes it. */
export function instanceOf(guest: LibvirtGuest, hang: () => Promise<AsyncDisposable>): Instance {
  return {
    id: guest.instanceId,
    stage: async () => undefined,
    start: () => guest.start(),
    booted: () => guest.booted(),
    powerOff: () => guest.powerOff(),
    reads: (...images) =>
      drivesRead(
        guest,
        images.map(({ sha256 }) => sha256),
      ),
    pause: () => guest.pause(),
    resume: () => guest.resume(),
    mount: () => mountDrive(guest),
    unmount: () => unmountDrive(guest),
    hang,
    [Symbol.asyncDispose]: () => guest[Symbol.asyncDispose](),
  };
}
