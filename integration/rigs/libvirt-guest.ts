import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Commanded, GuestCommands, type Ran } from "./guest-commands.js";
import { type GuestImage, guestImage } from "./guest-image.js";
import type { LibvirtHost } from "./libvirt-host.js";
import { within } from "./wait.js";

/** libvirt takes one for each of the two virtio controllers; the others are for disks that are plugged in. */
const ROOT_PORTS = 6;

/** The guest of `guest.ts` as a persistent libvirt domain: a virtio-scsi controller and, on q35, free PCI Express root ports. */
export class LibvirtGuest implements Commanded, AsyncDisposable {
  private commands: GuestCommands | undefined;

  private constructor(
    readonly instanceId: string,
    private readonly host: LibvirtHost,
    private readonly directory: string,
  ) {}

  /** Defines the domain; it is shut off. What it needs stands in a directory that both it and we see. */
  static async define(host: LibvirtHost, machine: "pc" | "q35", directory: string): Promise<LibvirtGuest> {
    const guest = new LibvirtGuest(randomUUID(), host, directory);
    await host.define(domainXml(guest.instanceId, machine, await guestImage(), guest.channel, guest.console));
    return guest;
  }

  /** Switches the guest on, and gives without waiting for it to boot. */
  async start(): Promise<void> {
    await rm(this.channel, { force: true });
    this.commands = await GuestCommands.listen(this.channel);
    await this.host.startDomain(this.instanceId);
  }

  /** Waits until the guest takes commands. */
  async booted(): Promise<void> {
    const greeting = await within(90_000, "the guest to boot", this.connected.greeting());
    if (greeting === "ready") return;
    const console = await readFile(this.console, "utf8").catch(() => "");
    throw new Error(`the guest did not boot (${greeting}):\n${console.slice(-2000)}`);
  }

  async pause(): Promise<void> {
    await this.host.suspendDomain(this.instanceId);
  }

  async resume(): Promise<void> {
    await this.host.resumeDomain(this.instanceId);
  }

  /** Switches the guest off as a power cut would. */
  async powerOff(): Promise<void> {
    await this.host.destroyDomain(this.instanceId);
    this.commands?.close();
    this.commands = undefined;
  }

  async run(script: string, deadlineMs?: number): Promise<Ran> {
    return this.connected.run(script, deadlineMs);
  }

  async check(script: string, deadlineMs?: number): Promise<string> {
    return this.connected.check(script, deadlineMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.commands !== undefined) await this.powerOff();
  }

  private get channel(): string {
    return join(this.directory, `${this.instanceId}.sock`);
  }

  private get console(): string {
    return join(this.directory, `${this.instanceId}.console`);
  }

  private get connected(): GuestCommands {
    if (this.commands === undefined) throw new Error(`guest ${this.instanceId} is shut off`);
    return this.commands;
  }
}

function domainXml(
  uuid: string,
  machine: "pc" | "q35",
  { kernel, initramfs, commandLine }: GuestImage,
  channel: string,
  console: string,
): string {
  const rootPort = (index: number) => `<controller type="pci" index="${index}" model="pcie-root-port"/>`;
  const rootPorts = Array.from({ length: ROOT_PORTS }, (_, port) => rootPort(port + 1)).join("");
  return `<domain type="qemu">
    <name>instance-${uuid.slice(0, 8)}</name>
    <uuid>${uuid}</uuid>
    <memory unit="MiB">256</memory>
    <vcpu>1</vcpu>
    <os>
      <type arch="x86_64" machine="${machine}">hvm</type>
      <kernel>${kernel}</kernel>
      <initrd>${initramfs}</initrd>
      <cmdline>${commandLine}</cmdline>
    </os>
    <features><acpi/><vmport state="off"/></features>
    <cpu mode="maximum"/>
    <on_reboot>destroy</on_reboot>
    <devices>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      <controller type="scsi" index="0" model="virtio-scsi"/>
      <controller type="usb" model="none"/>
      ${machine === "q35" ? rootPorts : ""}
      <serial type="file"><source path="${console}"/></serial>
      <channel type="unix">
        <source mode="connect" path="${channel}"/>
        <target type="virtio" name="configdrive.rig"/>
      </channel>
      <memballoon model="none"/>
    </devices>
  </domain>`;
}
