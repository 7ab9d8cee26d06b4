import { rm } from "node:fs/promises";
import { join } from "node:path";
import { GuestCommands } from "../rigs/guest-commands.js";
import type { GuestImage } from "../rigs/guest-image.js";
import { within } from "../rigs/wait.js";

/**
 * Where a guest that the service launches calls back: a socket in a directory, named after the instance. It is there before the
 * instance is; a guest whose channel closes powers itself off, so that none outlives the suite.
 */
export async function awaitGuest(directory: string, name: string): Promise<GuestCommands> {
  const path = join(directory, `${name}.sock`);
  await rm(path, { force: true });
  return await GuestCommands.listen(path);
}

/** Waits until the guest takes commands. */
export async function booted(guest: GuestCommands): Promise<void> {
  const greeting = await within(90_000, "the guest to boot", guest.greeting());
  if (greeting !== "ready") throw new Error(`the guest did not boot: ${greeting}`);
}

/** A QEMU template of the rigs' guest; `{name}` is filled in by the service. */
export function qemuTemplate(
  directory: string,
  { kernel, initramfs, commandLine }: GuestImage,
  more: readonly string[] = [],
): string {
  return JSON.stringify({
    program: "qemu-system-x86_64",
    arguments: [
      ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
      ...["-machine", "q35,accel=tcg,usb=off,vmport=off", "-cpu", "max", "-m", "256", "-smp", "1"],
      ...["-kernel", kernel, "-initrd", initramfs, "-append", commandLine],
      ...["-serial", `file:${join(directory, "{name}.console")}`],
      ...["-chardev", `socket,id=channel,path=${join(directory, "{name}.sock")}`],
      ...["-device", "virtio-serial-pci", "-device", "virtserialport,chardev=channel,name=configdrive.rig"],
      ...more,
    ],
  });
}

/** A libvirt template of the same guest, on i440fx. */
export function libvirtTemplate(
  directory: string,
  { kernel, initramfs, commandLine }: GuestImage,
  devices = "",
): string {
  return `<domain type="qemu">
    <name>{name}</name>
    <memory unit="MiB">256</memory>
    <vcpu>1</vcpu>
    <os>
      <type arch="x86_64" machine="pc">hvm</type>
      <kernel>${kernel}</kernel>
      <initrd>${initramfs}</initrd>
      <cmdline>${commandLine}</cmdline>
    </os>
    <features><acpi/><vmport state="off"/></features>
    <cpu mode="maximum"/>
    <on_reboot>destroy</on_reboot>
    <devices>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      ${devices}
      <controller type="usb" model="none"/>
      <serial type="file"><source path="${join(directory, "{name}.console")}"/></serial>
      <channel type="unix">
        <source mode="connect" path="${join(directory, "{name}.sock")}"/>
        <target type="virtio" name="configdrive.rig"/>
      </channel>
      <memballoon model="none"/>
    </devices>
  </domain>`;
}
