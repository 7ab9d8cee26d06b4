import { rm } from "node:fs/promises";
import { join } from "node:path";
import { GuestCommands } from "../rigs/guest-commands.js";
import type { GuestImage } from "../rigs/guest-image.js";
import { guestDomain, unixChannel } from "../rigs/libvirt-guest-domain.js";
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
export function libvirtTemplate(directory: string, image: GuestImage, devices = ""): string {
  const [name, machine] = ["{name}", "pc"] as const;
  const console = join(directory, "{name}.console");
  return guestDomain({ name, machine, image, console, channel: unixChannel(join(directory, "{name}.sock")), devices });
}
