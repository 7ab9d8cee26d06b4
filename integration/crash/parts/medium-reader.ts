import type { Guest } from "#integration/rigs/guest.js";

/**
 * Runs in the guest as long as it lives: reads every CD from end to end, past every cache, and says on the console what it
 * read when that is not what it read there before. A medium that is taken meanwhile makes the read fail, or end early as at the end
 * of a file: what is not as long as the device is no read. The tray is left unlocked, or nobody could change the medium of a drive
 * that is always open.
 */
const script = `
echo 0 > /proc/sys/dev/cdrom/lock
echo 0 > /tmp/reads
reads=0
while :; do
  for device in /sys/block/sr*; do
    name=\${device#/sys/block/}
    [ -e "/dev/$name" ] || continue
    dd if="/dev/$name" of=/tmp/medium bs=64k 2> /dev/null || continue
    sectors=$(cat "$device/size" 2> /dev/null)
    [ -s /tmp/medium ] && [ "$(stat -c %s /tmp/medium)" = "$((sectors * 512))" ] || continue
    digest=$(sha256sum < /tmp/medium)
    reads=$((reads + 1))
    echo $reads > /tmp/reads
    [ "$digest" = "$(cat "/tmp/last-$name" 2> /dev/null)" ] && continue
    echo "$digest" > "/tmp/last-$name"
    echo "$name: \${digest%  -}" > /dev/console
  done
  usleep 20000
done`;

/** What guests that read all the time have seen. */
export class MediumReader {
  /** Digests, and the devices that they were read from. */
  readonly #seen = new Map<string, string>();
  #reads = 0;
  #readsOfGuest = 0;

  /** Times that a medium was read whole, in all guests so far. */
  get reads(): number {
    return this.#reads + this.#readsOfGuest;
  }

  /** Sets a guest that was just started to reading. */
  async begin(guest: Guest): Promise<void> {
    this.#reads += this.#readsOfGuest;
    this.#readsOfGuest = 0;
    const text = Buffer.from(script).toString("base64");
    await guest.check(`echo ${text} | base64 -d > /tmp/reader; sh /tmp/reader > /dev/null 2>&1 < /dev/null &`);
  }

  /** Takes what a guest has seen so far. */
  async look(guest: Guest): Promise<void> {
    for (const [, device = "", digest = ""] of (await guest.console()).matchAll(/(sr\d+): ([0-9a-f]{64})/g)) {
      this.#seen.set(digest, device);
    }
    this.#readsOfGuest = Number(await guest.check("cat /tmp/reads"));
  }

  /** What was seen and is no whole generation. */
  faults(known: ReadonlySet<string>): readonly string[] {
    return [...this.#seen].flatMap(([digest, device]) =>
      known.has(digest) ? [] : [`a guest read ${digest} in ${device}`],
    );
  }
}
