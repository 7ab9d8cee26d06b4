/** A guest that is still booting misses the first request, so it is asked again. */
const ASK_AGAIN_MS = 5000;

/**
 * When guests were last asked to let a disk go, over all calls of one adapter. A caller who gives up leaves a request with the guest;
 * libvirt 11.3 ends when the next one comes just as the guest follows the first (it audits a disk that it has freed: virDomainAuditDisk
 * in qemuDomainDetachDeviceLive), and takes every other client's calls with it.
 */
export class UnplugRequests {
  readonly #askedAt = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether a guest is to be asked for a disk now; if so, this counts as the request. */
  due(instanceId: string, alias: string): boolean {
    const now = this.now();
    for (const [key, at] of this.#askedAt) if (now - at >= ASK_AGAIN_MS) this.#askedAt.delete(key);
    const key = keyOf(instanceId, alias);
    if (this.#askedAt.has(key)) return false;
    this.#askedAt.set(key, now);
    return true;
  }

  /** The disk is gone, or the request did not reach the guest. */
  forget(instanceId: string, alias: string): void {
    this.#askedAt.delete(keyOf(instanceId, alias));
  }
}

function keyOf(instanceId: string, alias: string): string {
  return `${alias} ${instanceId}`;
}
