import type { Commanded } from "./guest-commands.js";

const DEADLINE_MS = 20_000;
/** Prints the SHA-256 of every drive, whole and past the guest's caches. The guests of the suites have no other disks. */
const DIGESTS = `echo 3 > /proc/sys/vm/drop_caches
for name in $(ls /sys/block | grep -E '^(sr|sd|vd)'); do cat /dev/$name 2>/dev/null | sha256sum; done | cut -c1-64 | sort`;

/** Waits until a guest has exactly as many drives as digests are given, and reads from them, whole, the bytes of these. */
export async function drivesRead(guest: Commanded, digests: readonly string[]): Promise<void> {
  const wanted = [...digests].sort().join(" ");
  const script = `digests() { ${DIGESTS}; }
end=$(($(cut -d. -f1 /proc/uptime) + ${DEADLINE_MS / 1000}))
while got=$(echo $(digests)); [ "$got" != '${wanted}' ]; do
  [ $(cut -d. -f1 /proc/uptime) -lt $end ] || { echo "$got"; ls /sys/block; exit 1; }
  usleep 50000
done`;
  const { exitCode, output } = await guest.run(script, DEADLINE_MS * 3);
  if (exitCode !== 0) throw new Error(`the guest does not read ${wanted || "nothing"}, but:\n${output}`);
}

/** Mounts the guest's only drive, read-only, at /mnt. */
export async function mountDrive(guest: Commanded): Promise<void> {
  await guest.check(`mount -o ro /dev/$(ls /sys/block | grep -E '^(sr|sd|vd)') /mnt`);
}

export async function unmountDrive(guest: Commanded): Promise<void> {
  await guest.check("umount /mnt");
}
