import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { LibvirtError } from "#adapters/libvirt/remote-error.js";
import { errorCodes } from "#adapters/libvirt/remote-program.js";
import { type Commanded, GuestCommands, type Ran } from "./guest-commands.js";
import { type GuestImage, guestImage } from "./guest-image.js";
import { type GuestDomain, guestDomain, unixChannel } from "./libvirt-guest-domain.js";
import type { LibvirtHost } from "./libvirt-host.js";
import { within } from "./wait.js";

/** libvirt takes one for each of the two virtio controllers; the others are for disks that are plugged in. */
const ROOT_PORTS = 6;

const TAIL_BYTES = 2000;

/** What differs between daemons: where they find what a guest needs, how it calls us, and where it leaves what it said. */
export interface GuestSurroundings {
  /** The kernel and the initramfs, as the daemon's host has them. */
  readonly image: GuestImage;
  /** Where a guest's commands come from: what we listen at, and the beginning of a `<channel>` that connects to it. */
  channel(instanceId: string): Promise<{ readonly at: ChannelAddress; readonly xml: string }>;
  /** A folder of the daemon's host for what guests write to their consoles. */
  readonly consoles: string;
  /** The folder of the daemon's host where libvirt keeps what each QEMU says. */
  readonly logs: string;
  /** The last bytes of a file of the daemon's host; empty when it is not there. */
  tail(path: string, bytes: number): Promise<string>;
}

type ChannelAddress = string | { readonly host: string; readonly port: number };

/** A daemon that sees a folder of ours. */
export async function surroundingsIn(directory: string): Promise<GuestSurroundings> {
  return {
    image: await guestImage(),
    channel: async (instanceId) => {
      const at = join(directory, `${instanceId}.sock`);
      return { at, xml: unixChannel(at) };
    },
    consoles: directory,
    logs: join(directory, "log", "qemu"),
    tail: async (path, bytes) => (await readFile(path).catch(() => Buffer.alloc(0))).subarray(-bytes).toString(),
  };
}

/** The guest of `guest.ts` as a persistent libvirt domain: a virtio-scsi controller and, on q35, free PCI Express root ports. */
export class LibvirtGuest implements Commanded, AsyncDisposable {
  private commands: GuestCommands | undefined;

  private constructor(
    readonly instanceId: string,
    private readonly host: LibvirtHost,
    private readonly around: GuestSurroundings,
    private readonly channel: ChannelAddress,
  ) {}

  /** Defines the domain; it is shut off. */
  static async define(host: LibvirtHost, machine: "pc" | "q35", around: GuestSurroundings): Promise<LibvirtGuest> {
    const instanceId = randomUUID();
    const { at, xml } = await around.channel(instanceId);
    await host.define(guestDomain(domainOf(instanceId, machine, around, xml)));
    return new LibvirtGuest(instanceId, host, around, at);
  }

  /** Switches the guest on, and gives without waiting for it to boot. */
  async start(): Promise<void> {
    if (typeof this.channel === "string") await rm(this.channel, { force: true });
    this.commands = await GuestCommands.listen(this.channel);
    await this.host.startDomain(this.instanceId);
  }

  /** Waits until the guest takes commands. */
  async booted(): Promise<void> {
    await this.orTellWhy(async () => {
      const greeting = await within(90_000, "the guest to boot", this.connected.greeting());
      if (greeting !== "ready") throw new Error(`the guest did not boot: it said ${greeting}`);
    });
  }

  async pause(): Promise<void> {
    await this.host.suspendDomain(this.instanceId);
  }

  async resume(): Promise<void> {
    await this.host.resumeDomain(this.instanceId);
  }

  /** Switches the guest off as a power cut would. */
  async powerOff(): Promise<void> {
    try {
      await this.host.destroyDomain(this.instanceId);
    } finally {
      // Not before: a guest whose channel is closed switches itself off.
      this.commands?.close();
      this.commands = undefined;
    }
  }

  async run(script: string, deadlineMs?: number): Promise<Ran> {
    return this.orTellWhy(() => this.connected.run(script, deadlineMs));
  }

  async check(script: string, deadlineMs?: number): Promise<string> {
    return this.orTellWhy(() => this.connected.check(script, deadlineMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.commands === undefined) return;
    try {
      await this.powerOff();
    } catch (error) {
      // It ended by itself, or never began.
      if (!(error instanceof LibvirtError && error.code === errorCodes.operationInvalid)) throw error;
    }
  }

  /** A failure comes out with what the guest and its QEMU said last. */
  private async orTellWhy<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      const { instanceId, around } = this;
      const console = await around.tail(consolePath(around, instanceId), TAIL_BYTES);
      const qemu = await around.tail(join(around.logs, `${nameOf(instanceId)}.log`), TAIL_BYTES);
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`${why}\nIts console ends:\n${console}\nIts QEMU's log ends:\n${qemu}`, { cause: error });
    }
  }

  private get connected(): GuestCommands {
    if (this.commands === undefined) throw new Error(`guest ${this.instanceId} is shut off`);
    return this.commands;
  }
}

function nameOf(instanceId: string): string {
  return `instance-${instanceId.slice(0, 8)}`;
}

function consolePath({ consoles }: GuestSurroundings, instanceId: string): string {
  return join(consoles, `${instanceId}.console`);
}

function domainOf(uuid: string, machine: "pc" | "q35", around: GuestSurroundings, channel: string): GuestDomain {
  const rootPort = (index: number) => `<controller type="pci" index="${index}" model="pcie-root-port"/>`;
  const rootPorts = Array.from({ length: ROOT_PORTS }, (_, port) => rootPort(port + 1)).join("");
  const devices = `<controller type="scsi" index="0" model="virtio-scsi"/>${machine === "q35" ? rootPorts : ""}`;
  const [name, console] = [nameOf(uuid), consolePath(around, uuid)];
  return { name, uuid, machine, image: around.image, console, channel, devices };
}
