import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import { type DebianRelease, Docker } from "#integration/rigs/docker.js";
import { drivesRead, mountDrive, unmountDrive } from "#integration/rigs/guest-drives.js";
import { LibvirtContainer } from "#integration/rigs/libvirt-container.js";
import { LibvirtDaemon } from "#integration/rigs/libvirt-daemon.js";
import { type GuestSurroundings, LibvirtGuest, surroundingsIn } from "#integration/rigs/libvirt-guest.js";
import type { LibvirtHost } from "#integration/rigs/libvirt-host.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { Scope } from "#integration/rigs/scope.js";
import type { Ability, Backend, BackendKind, Instance } from "./backend.js";
import { GUEST_FORMS } from "./guest-forms.js";
import { qemuVersion } from "./qemu-version.js";

const POOL = "drives";
const LIBVIRT_ABILITIES: readonly Ability[] = ["disks", "boots", "stores", "pauses", "mounts", "restarts", "hangs"];

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
    await daemon.makePool(POOL, daemon.pool);
    const { tls, stranger } = daemon.network;
    return backendOf(daemon, {
      images,
      open: (patience) => new LibvirtHypervisor({ ...tls, pool: POOL, ...patience }),
      openAsStranger: (patience) => new LibvirtHypervisor({ ...stranger, pool: POOL, ...patience }),
      kept: () => readdir(daemon.pool),
    });
  },
};

/** The libvirt of a Debian release in a container, over TLS, with a pool into which images are uploaded: nothing is shared. */
export function libvirtContainerBackend(release: DebianRelease, name: string): BackendKind {
  return {
    ...libvirtTlsBackend,
    where: `TLS to a host with ${name}, upload into a pool`,
    start: async () => {
      const scope = new Scope();
      try {
        const docker = await scope.own(Docker.start());
        const container = await scope.own(LibvirtContainer.start(docker, release));
        const images = await privateDirectory("images");
        await container.makePool(POOL, container.pool);
        const { tls, stranger } = container;
        return {
          images,
          open: (patience) => new LibvirtHypervisor({ ...tls, pool: POOL, ...patience }),
          openAsStranger: (patience) => new LibvirtHypervisor({ ...stranger, pool: POOL, ...patience }),
          against: `libvirt ${await container.version()}, QEMU ${await container.qemuVersion()}`,
          instance: (machine) => instanceOf(container, container, machine),
          restart: () => container.restart(),
          kept: () => container.files(),
          [Symbol.asyncDispose]: async () => {
            await rm(images, { recursive: true, force: true });
            await scope[Symbol.asyncDispose]();
          },
        };
      } catch (error) {
        await scope[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}

/** What is the same however the daemon of this machine is reached. */
async function backendOf(
  daemon: LibvirtDaemon,
  reached: Pick<Backend, "images" | "open" | "openAsStranger" | "kept">,
): Promise<Backend> {
  const around = await surroundingsIn(daemon.directory);
  return {
    ...reached,
    against: `libvirt ${await daemon.version()}, QEMU ${await qemuVersion()}`,
    instance: (machine) => instanceOf(daemon, around, machine),
    restart: () => daemon.restart(),
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

/** A libvirt guest as the suite takes it. */
async function instanceOf(
  daemon: LibvirtHost & { hang(): Promise<AsyncDisposable> },
  around: GuestSurroundings,
  machine: string,
): Promise<Instance> {
  const guest = await LibvirtGuest.define(daemon, machine === "pc" ? "pc" : "q35", around);
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
    hang: () => daemon.hang(),
    [Symbol.asyncDispose]: () => guest[Symbol.asyncDispose](),
  };
}
