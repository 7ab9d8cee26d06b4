import type { Commanded } from "./guest-commands.js";

/** The block devices that the guest's kernel has now, such as `sr0` and `vda`, sorted. */
export async function blockDevices(guest: Commanded): Promise<string[]> {
  const output = await guest.check("ls /sys/block");
  return output
    .split(/\s+/)
    .filter((name) => /^(sr|sd|vd)/.test(name))
    .sort();
}

/** Waits until the guest has a volume with this label, as cloud-init looks for one, and gives its device, such as `/dev/sr0`. */
export async function deviceWithLabel(guest: Commanded, label: string, deadlineMs = 15_000): Promise<string> {
  const output = await poll(guest, deadlineMs, `blkid -c /dev/null -t 'LABEL=${label}' -o device`);
  return output.trim();
}

/** Waits until the guest has a block device that was not there before, and gives it. */
export async function newDevice(guest: Commanded, before: readonly string[], deadlineMs = 15_000): Promise<string> {
  const known = ["none", ...before].map((name) => `-e ${name}`).join(" ");
  const output = await poll(guest, deadlineMs, `ls /sys/block | grep -E '^(sr|sd|vd)' | grep -vx ${known}`);
  return `/dev/${output.trim()}`;
}

/** Waits until a device has gone from the guest. */
export async function deviceGone(guest: Commanded, device: string, deadlineMs = 15_000): Promise<void> {
  await poll(guest, deadlineMs, `test ! -e ${device}`);
}

/** Mounts a volume read-only, gives the SHA-256 of every file by its path (`openstack/latest/meta_data.json`), and unmounts it. */
export async function fileDigests(guest: Commanded, device: string): Promise<Map<string, string>> {
  const output = await guest.check(
    `mount -o ro ${device} /mnt && cd /mnt && find . -type f -exec sha256sum {} + && cd / && umount /mnt`,
    60_000,
  );
  const lines = output.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => [line.slice(68), line.slice(0, 64)]));
}

/** SHA-256 of the first bytes of a device, as `dd` reads them, past every cache of the guest's. */
export async function deviceDigest(guest: Commanded, device: string, bytes: number): Promise<string> {
  const output = await guest.check(
    `echo 3 > /proc/sys/vm/drop_caches; dd if=${device} bs=64k 2>/dev/null | head -c ${bytes} | sha256sum`,
    60_000,
  );
  return output.slice(0, 64);
}

/** Size of a device in bytes, as the guest's kernel sees it. */
export async function deviceSize(guest: Commanded, device: string): Promise<number> {
  return 512 * Number(await guest.check(`cat /sys/block/${device.replace("/dev/", "")}/size`));
}

/** Repeats a shell command in the guest until it succeeds; gives its output. */
async function poll(guest: Commanded, deadlineMs: number, command: string): Promise<string> {
  const turns = Math.ceil(deadlineMs / 50);
  const script = `i=0; until ${command}; do i=$((i+1)); [ $i -lt ${turns} ] || exit 1; usleep 50000; done`;
  const { exitCode, output } = await guest.run(script, deadlineMs * 3);
  if (exitCode !== 0) throw new Error(`in the guest, for ${deadlineMs} ms, never: ${command}\n${output}`);
  return output;
}
