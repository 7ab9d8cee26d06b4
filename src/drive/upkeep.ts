import type { Dependencies } from "./dependencies.js";
import { removeContentOrphans, removeHostOrphans, removeOrphans } from "./orphans.js";

/** What a pass of the reconciler does for the house rather than for a drive; what is costly, only every so often. */
export class Upkeep {
  #sweptAt: number | undefined;
  readonly #hostsSwept = new Map<string, { readonly at: number; readonly suspects: ReadonlySet<string> }>();

  /**
   * Removes files that no drive has, and copies that no host needs: at the first pass, or when a host is first there, then every
   * `limits.orphanMs`; a copy of a drive that there is goes at the second sweep that finds it. A sweep that failed is due again.
   */
  async orphans(
    deps: Pick<Dependencies, "images" | "hosts" | "contents" | "catalog" | "limits" | "now">,
  ): Promise<number> {
    const now = deps.now().getTime();
    const isDue = (sweptAt: number | undefined) =>
      sweptAt === undefined || Math.abs(now - sweptAt) >= deps.limits.orphanMs;
    let removed = 0;
    for (const { host } of deps.hosts.apart ? deps.hosts.view() : []) {
      const before = this.#hostsSwept.get(host);
      if (!deps.hosts.reachable(host) || !isDue(before?.at)) continue;
      const sweep = await removeHostOrphans(deps, host, before?.suspects ?? new Set());
      removed += sweep.removed;
      this.#hostsSwept.set(host, { at: now, suspects: sweep.suspects });
    }
    if (!isDue(this.#sweptAt)) return removed;
    removed += (await removeOrphans(deps)) + (await removeContentOrphans(deps));
    this.#sweptAt = now;
    return removed;
  }

  /** Forgets requests, uploads and changes that are past their age. */
  async forgotten({ catalog, limits, now }: Pick<Dependencies, "catalog" | "limits" | "now">): Promise<number> {
    const before = (milliseconds: number) => new Date(now().getTime() - milliseconds);
    const requests = await catalog.forgetRequests(before(limits.requestMs));
    const uploads = await catalog.forgetUploads(now());
    return requests + uploads + (await catalog.forgetChanges(before(limits.changeMs)));
  }
}
