import type { Dependencies } from "./dependencies.js";
import { removeContentOrphans, removeHostOrphans, removeOrphans } from "./orphans.js";

/** What a pass of the reconciler does for the house rather than for a drive; what is costly, only every so often. */
export class Upkeep {
  #sweptAt: number | undefined;

  /** Removes files that no drive has: at the first pass, then every `limits.orphanMs`. A sweep that failed is due again. */
  async orphans(
    deps: Pick<Dependencies, "images" | "hosts" | "contents" | "catalog" | "limits" | "now">,
  ): Promise<number> {
    const now = deps.now().getTime();
    if (this.#sweptAt !== undefined && Math.abs(now - this.#sweptAt) < deps.limits.orphanMs) return 0;
    const removed = (await removeOrphans(deps)) + (await removeHostOrphans(deps)) + (await removeContentOrphans(deps));
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
