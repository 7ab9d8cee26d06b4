import type { GuestImage } from "./guest-image.js";

/** What differs between the domains of the rigs' guest. */
export interface GuestDomain {
  readonly name: string;
  /** Unset: libvirt, or whoever fills in a template, gives one. */
  readonly uuid?: string;
  readonly machine: "pc" | "q35";
  /** The kernel and the initramfs, as the daemon's host has them. */
  readonly image: GuestImage;
  /** The file of the daemon's host that takes the console. */
  readonly console: string;
  /** The beginning of a `<channel>`, which says how the guest's commands reach it. */
  readonly channel: string;
  /** More devices, as libvirt's XML: controllers, disks. */
  readonly devices?: string;
}

/** The guest of `guest.ts` as a libvirt domain under QEMU's own emulation. */
export function guestDomain({ name, uuid, machine, image, console, channel, devices = "" }: GuestDomain): string {
  const { kernel, initramfs, commandLine } = image;
  return `<domain type="qemu">
    <name>${name}</name>
    ${uuid === undefined ? "" : `<uuid>${uuid}</uuid>`}
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
      ${devices}
      <controller type="usb" model="none"/>
      <serial type="file"><source path="${console}"/></serial>
      ${channel}<target type="virtio" name="configdrive.rig"/></channel>
      <memballoon model="none"/>
    </devices>
  </domain>`;
}

/** The beginning of a channel that connects to a unix socket which somebody listens at. */
export function unixChannel(path: string): string {
  return `<channel type="unix"><source mode="connect" path="${path}"/>`;
}
