import { mkdir } from "node:fs/promises";
import { join } from "node:path";
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
  start: async () => {
    const daemon = await LibvirtDaemon.start();
    return backendOf(daemon, {
      images: daemon.directory,
      open: (patience) => new LibvirtHypervisor({ ...daemon.endpoint, ...patience }),
    });
  },
};

/** The same over TLS, with a pool into which images are uploaded. */
export const libvirtTlsBackend: BackendKind = {
  ...libvirtBackend,
  where: "TLS, upload into a pool",
  abilities: [...LIBVIRT_ABILITIES, "credentials"],
  start: async () => {
    const daemon = await LibvirtDaemon.start({ network: true });
    const images = join(daemon.directory, "images");
    await mkdir(images);
    const pool = "drives";
    await daemon.makePool(pool, daemon.pool);
    const { tls, stranger } = daemon.network;
    return backendOf(daemon, {
      images,
      open: (patience) => new LibvirtHypervisor({ ...tls, pool, ...patience }),
      openAsStranger: (patience) => new LibvirtHypervisor({ ...stranger, pool, ...patience }),
    });
  },
};

/** What is the same however the daemon is reached. */
async function backendOf(
  daemon: LibvirtDaemon,
  reached: Pick<Backend, "images" | "open" | "openAsStranger">,
): Promise<Backend> {
  return {
    ...reached,
    against: `libvirt ${await daemon.version()}, QEMU ${await qemuVersion()}`,
    instance: async (machine) =>
      instanceOf(await LibvirtGuest.define(daemon, machine === "pc" ? "pc" : "q35", daemon.directory), () =>
        daemon.hang(),
      ),
    restart: () => daemon.restart(),
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

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
