import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { Guest, type Machine } from "#integration/rigs/guest.js";
import { drivesRead, mountDrive, unmountDrive } from "#integration/rigs/guest-drives.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { standStill } from "#integration/rigs/stand-still.js";
import type { Backend, BackendKind, Instance } from "./backend.js";
import { GUEST_FORMS } from "./guest-forms.js";
import { qemuVersion } from "./qemu-version.js";

/** QEMU processes of this machine, each with a monitor in one folder. */
export const qemuBackend: BackendKind = {
  adapter: "qemu",
  where: "unix socket",
  abilities: ["disks", "boots", "pauses", "mounts", "tells-locks", "hangs"],
  machines: ["pc", "q35"],
  forms: GUEST_FORMS,
  start: async (): Promise<Backend> => {
    const directory = await privateDirectory("qemu");
    const sockets = join(directory, "sockets");
    await mkdir(sockets);
    return {
      against: `QEMU ${await qemuVersion()}`,
      images: directory,
      open: (patience) => new QemuHypervisor({ socketTemplate: join(sockets, "{instance_id}.sock"), ...patience }),
      instance: async (machine) => new QemuInstance(machine === "pc" ? "pc" : "q35", sockets),
      [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
    };
  },
};

/** An instance of plain QEMU is there only as long as its process: each start is a new one under the same id. */
class QemuInstance implements Instance {
  readonly id = randomUUID();
  private guest: Guest | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly sockets: string,
  ) {}

  async stage(): Promise<void> {
    this.guest = await Guest.launch({
      machine: this.machine,
      instanceId: this.id,
      sockets: this.sockets,
      halted: true,
    });
  }

  async start(): Promise<void> {
    if (this.guest === undefined) await this.stage();
    await this.resume();
  }

  async booted(): Promise<void> {
    await this.running.booted();
  }

  async powerOff(): Promise<void> {
    await this.running.stop();
    this.guest = undefined;
  }

  async reads(...images: readonly { readonly sha256: string }[]): Promise<void> {
    await drivesRead(
      this.running,
      images.map(({ sha256 }) => sha256),
    );
  }

  async pause(): Promise<void> {
    await this.running.qmp("stop");
  }

  async resume(): Promise<void> {
    await this.running.qmp("cont");
  }

  async mount(): Promise<void> {
    await mountDrive(this.running);
  }

  async unmount(): Promise<void> {
    await unmountDrive(this.running);
  }

  async hang(): Promise<AsyncDisposable> {
    return await standStill(this.running.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.guest?.stop();
  }

  private get running(): Guest {
    if (this.guest === undefined) throw new Error(`instance ${this.id} is shut off`);
    return this.guest;
  }
}
