import type { Random } from "../ports.js";

/**
 * The order in which the hosts of a transport are tried: shuffled once, so that a fleet spreads over a cluster, then round and round.
 * A host that was lost is the last to be tried again.
 */
export class HostRotation<Host> {
  readonly #hosts: Host[];
  #next = 0;

  /** @throws RangeError when there is no host. */
  constructor(hosts: readonly Host[], random: Random) {
    if (hosts.length === 0) throw new RangeError("a transport needs a host");
    this.#hosts = [...hosts];
    for (let last = this.#hosts.length - 1; last > 0; last -= 1) {
      const other = Math.floor(random() * (last + 1));
      [this.#hosts[last], this.#hosts[other]] = [this.#hosts[other]!, this.#hosts[last]!];
    }
  }

  next(): Host {
    const host = this.#hosts[this.#next]!;
    this.#next = (this.#next + 1) % this.#hosts.length;
    return host;
  }

  get count(): number {
    return this.#hosts.length;
  }
}
