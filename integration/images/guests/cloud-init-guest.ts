import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Guest } from "../../rigs/guest.js";
import type { Commanded } from "../../rigs/guest-commands.js";

/** How a drive is shown to the guest. */
export type Shown = "cdrom" | "disk";

/** What cloud-init made of a drive. */
export interface Observed {
  /** The list that ds-identify chose from the devices alone. */
  readonly identified: string;
  /** The data source as it calls itself, with the device that it read. */
  readonly source: string;
  readonly instanceId: string;
  readonly publicKeys: readonly string[];
  readonly userData: Buffer;
  readonly metadata: Record<string, unknown>;
  /** The host name that it set. */
  readonly hostname: string;
}

const SETUP = `
mkdir -p /disk /system && mount -t iso9660 -o ro /dev/vda /disk && mount -t tmpfs tmpfs /system && cd /system || exit 1
mkdir -p usr etc run tmp var dev proc sys root
mount --bind /disk/usr usr && mount --bind /dev dev && mount --bind /proc proc && mount --bind /sys sys || exit 1
ln -s usr/bin bin; ln -s usr/bin sbin; ln -s usr/lib lib; ln -s usr/lib64 lib64
`;

/** A system that was never booted: what the run before left is gone, and the network is nobody's business. */
const ANEW = `
cd /system && rm -rf run/* var etc && mkdir -p var/lib var/log run etc && cp -a /disk/etc/. etc/ && hostname none
echo 'network: {config: disabled}' > etc/cloud/cloud.cfg.d/99-network.cfg
chroot /system dash /usr/lib/cloud-init/ds-identify --force >&2 || exit 1
cat run/cloud-init/cloud.cfg
`;

/** The disk with Debian's cloud-init, made at the first use; a guest has it as its first virtio disk. */
export function cloudInitDisk(): string {
  const script = resolve("integration/images/guests/cloud-init/disk");
  return execFileSync(script, [resolve(".cache/guest")], { encoding: "utf8" }).trim();
}

/** Makes the system ready in a guest that has that disk. */
export async function setUpCloudInit(guest: Commanded): Promise<void> {
  await guest.check(SETUP);
  const observe = readFileSync(resolve("integration/images/guests/cloud-init/observe.py")).toString("base64");
  await guest.check(`echo ${observe} | base64 -d > /system/root/observe.py`);
}

/** Lets ds-identify and cloud-init's local stage look for a drive, as at the first boot of a system. */
export async function runCloudInit(guest: Commanded): Promise<Observed> {
  const identified = await guest.check(ANEW);
  const output = await guest.check(
    "chroot /system python3 /root/observe.py 2> /tmp/errors || { cat /tmp/errors; exit 1; }",
    120_000,
  );
  const seen = JSON.parse(output.slice(output.lastIndexOf('{"status"')));
  return {
    identified: identified.slice(identified.lastIndexOf("datasource_list:")).trim(),
    source: seen.source,
    instanceId: seen.instance_id,
    publicKeys: seen.public_keys,
    userData: Buffer.from(seen.user_data, "base64"),
    metadata: seen.metadata,
    hostname: (await guest.check("hostname")).trim(),
  };
}

/** A guest with Debian's cloud-init on a disk of its own, for one drive after the other. */
export class CloudInitGuest implements AsyncDisposable {
  private drives = 0;
  private constructor(private readonly guest: Guest) {}

  static async start(): Promise<CloudInitGuest> {
    const disk = cloudInitDisk();
    const drive = `if=none,id=system,file=${disk},format=raw,readonly=on`;
    const guest = await Guest.start({
      machine: "pc",
      args: ["-drive", drive, "-device", "virtio-blk-pci,drive=system"],
    });
    try {
      await setUpCloudInit(guest);
      return new CloudInitGuest(guest);
    } catch (error) {
      await guest.stop();
      throw error;
    }
  }

  /** Shows a drive to the guest, lets ds-identify and cloud-init's local stage look at it, and takes it away. */
  async observe(image: string, shown: Shown): Promise<Observed> {
    const { guest } = this;
    const number = ++this.drives;
    const node = `drive${number}`;
    const id = `shown${number}`;
    const device = shown === "cdrom" ? "sr0" : "sda";
    await guest.qmp("blockdev-add", { driver: "file", "node-name": node, filename: image, "read-only": true });
    const driver = shown === "cdrom" ? "scsi-cd" : "scsi-hd";
    await guest.qmp("device_add", { driver, bus: "scsi0.0", id, drive: node });
    await this.until(`[ -e /dev/${device} ]`);
    try {
      return await runCloudInit(guest);
    } finally {
      await guest.qmp("device_del", { id });
      await this.until(`[ ! -e /dev/${device} ]`);
    }
  }

  /** Prints a file of the system that cloud-init set up. */
  async file(path: string): Promise<string> {
    return this.guest.check(`cat /system${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.guest.stop();
  }

  private async until(condition: string): Promise<void> {
    await this.guest.check(`i=0; until ${condition}; do i=$((i+1)); [ $i -lt 400 ] || exit 1; usleep 50000; done`);
  }
}
