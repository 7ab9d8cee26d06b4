import type { Guest } from "../../rigs/guest.js";

/** A device that QEMU gives a guest on the rig's SCSI controller, found again by its target number. */
export interface AttachedImage {
  readonly target: number;
  readonly kind: "disk" | "cdrom";
  readonly path: string;
}

/** QEMU's arguments for these images. */
export function imageArguments(images: readonly AttachedImage[]): string[] {
  return images.flatMap(({ target, kind, path }) => [
    ...[
      "-drive",
      `if=none,id=image${target},file=${path},format=raw,readonly=on${kind === "cdrom" ? ",media=cdrom" : ""}`,
    ],
    ...["-device", `${kind === "cdrom" ? "scsi-cd" : "scsi-hd"},bus=scsi0.0,scsi-id=${target},drive=image${target}`],
  ]);
}

/** Waits until the guest has that many SCSI devices; gives the device of each target, such as `/dev/sda`. */
export async function devicesByTarget(guest: Guest, count: number): Promise<Map<number, string>> {
  const list =
    "for d in /sys/block/s[rd]*; do [ -e $d ] && echo $(basename $d) $(basename $(readlink -f $d/device)); done";
  const wait = `i=0; until [ $(ls /sys/block | grep -c '^s[rd]') -ge ${count} ]; do i=$((i+1)); [ $i -lt 600 ] || exit 1; usleep 50000; done`;
  const output = await guest.check(`${wait}; ${list}`, 60_000);
  const lines = output.trimEnd().split("\n");
  return new Map(
    lines.map((line) => {
      const [name = "", address = ""] = line.split(" ");
      return [Number(address.split(":")[2]), `/dev/${name}`];
    }),
  );
}

/** What the kernel shows of a volume. */
export interface KernelView {
  /** SHA-256 of every file by its path. */
  readonly digests: ReadonlyMap<string, string>;
  /** `mode uid gid mtime` of everything below the root by its path. */
  readonly attributes: ReadonlyMap<string, string>;
  /** What the kernel wrote to its log, but for the lines by which it says which extension it found. */
  readonly remarks: readonly string[];
}

const USUAL = /Microsoft Joliet Level|Rock Ridge|RRIP_1991A|loaded|sr\d|sd[a-z]|random: /;
/** What the kernel says of a machine that gives it too little time: nothing of the volume. */
const LATE = /\] (?:hrtimer: |clocksource: |perf: interrupt took|rcu: |sched: |workqueue: )/;

/** Mounts a device with these options, reads every file, and unmounts it. Throws when the kernel or a read fails. */
export async function kernelView(guest: Guest, device: string, type: string, options: string): Promise<KernelView> {
  const output = await guest.check(
    [
      "dmesg -c > /dev/null",
      `mount -t ${type} -o ro${options === "" ? "" : `,${options}`} ${device} /mnt || exit 1`,
      "cd /mnt",
      "find . -type f -exec sha256sum {} + || exit 1",
      "echo ==",
      "find . -mindepth 1 -exec stat -c '%a %u %g %Y %n' {} +",
      "echo ==",
      "cd / && umount /mnt && dmesg -c",
    ].join("\n"),
    120_000,
  );
  const [sums = "", stats = "", log = ""] = output.split("==\n");
  return {
    digests: new Map(lines(sums).map((line): [string, string] => [line.slice(68), line.slice(0, 64)])),
    attributes: new Map(
      lines(stats).map((line): [string, string] => {
        const at = line.indexOf(" ./");
        return [line.slice(at + 3), line.slice(0, at)];
      }),
    ),
    remarks: remarksIn(log),
  };
}

/** What the kernel remarked on a volume, of all that it wrote to its log meanwhile. */
export function remarksIn(log: string): string[] {
  return lines(log).filter((line) => !USUAL.test(line) && !LATE.test(line));
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
