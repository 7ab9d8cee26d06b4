import type { Catalog, HeldDrive } from "#drive/catalog.js";
import { type InstanceDriveRole, instanceDriveId } from "#drive/instance-drive-id.js";
import { severalAtOnce } from "#drive/several.js";
import type { ReleasedInstance, UseCases } from "#drive/use-cases.js";
import type { ComputeApi } from "./compute-api.js";

/** Drives that are read, and instances that nova is asked about, at a time. */
const PAGE = 200;
const QUESTIONS_AT_ONCE = 4;
const ROLES: readonly InstanceDriveRole[] = ["config", "rescue"];

/** An instance of nova's, and the project that has it. */
export interface NovaInstance {
  readonly instanceId: string;
  readonly projectId: string;
}

export interface VanishedOptions {
  readonly catalog: Pick<Catalog, "held" | "attached">;
  /** Whether nova runs all instances of a host that a drive is attached on. */
  readonly isNovas: (host: string) => boolean;
  readonly api: Pick<ComputeApi, "requireAllShown" | "has">;
  readonly drives: Pick<UseCases, "releaseInstance">;
  readonly newId: () => string;
  /** Told of each instance that was let go of, or of the refusal that kept some drive of it. */
  readonly report: (instance: NovaInstance, outcome: ReleasedInstance | { readonly error: unknown }) => void;
}

/**
 * Looks for instances that nova no longer has and nobody told of: deleted while their host was away for good, or on a shelf. Asked
 * about are those that were built with a drive of their own, and those that have a drive on a host where nova shows it, such as by a
 * volume; other instances need not be nova's.
 */
export class VanishedInstances {
  /** What nova did not have at the look before. */
  #missing: ReadonlySet<string> = new Set();

  constructor(private readonly options: VanishedOptions) {}

  /**
   * One look. An instance that nova does not have at two looks in a row is let go of: one that is only being made may not be there yet.
   * @returns how many were let go of
   * @throws NovaApiFailure or Refusal where nova's word could not be had: nothing more is let go of then, and the count begins anew
   */
  async look(signal: AbortSignal): Promise<number> {
    const { api } = this.options;
    const before = this.#missing;
    this.#missing = new Set();
    await api.requireAllShown(signal);
    const missing = new Set<string>();
    let released = 0;
    await severalAtOnce(this.#instances(), QUESTIONS_AT_ONCE, async (instance) => {
      signal.throwIfAborted();
      const { instanceId } = instance;
      if (await api.has(instanceId, signal)) return;
      missing.add(instanceId);
      if (before.has(instanceId)) released += await this.#release(instance, signal);
    });
    this.#missing = missing;
    return released;
  }

  async #release(instance: NovaInstance, signal: AbortSignal): Promise<number> {
    const { drives, newId, report } = this.options;
    const { instanceId, projectId } = instance;
    const call = { projectId, openstackRequestId: "", signal };
    try {
      report(instance, await drives.releaseInstance({ requestId: newId(), instanceId, host: "" }, call));
      return 1;
    } catch (error) {
      signal.throwIfAborted();
      // Such as a drive that is being changed: the next look finds it again.
      report(instance, { error });
      return 0;
    }
  }

  /** Each once. */
  async *#instances(): AsyncGenerator<NovaInstance> {
    const named = new Set<string>();
    for (const found of [this.#born(), this.#shown()]) {
      for await (const instance of found) {
        const { instanceId, projectId } = instance;
        const name = `${projectId} ${instanceId}`;
        if (!named.has(name)) yield instance;
        named.add(name);
      }
    }
  }

  /** The instances that have, or had last, the drive that they were built with. */
  async *#born(): AsyncGenerator<NovaInstance> {
    for (let after: HeldDrive | undefined; ; ) {
      const page = await this.options.catalog.held(after, PAGE);
      if (page.length === 0) return;
      for (const { driveId, projectId, instanceId } of page) {
        if (ROLES.some((role) => instanceDriveId(instanceId, role) === driveId)) yield { instanceId, projectId };
      }
      after = page.at(-1);
    }
  }

  /** The instances that have a drive, of whatever origin, on a host where nova shows it. */
  async *#shown(): AsyncGenerator<NovaInstance> {
    for (let after = ""; ; ) {
      const page = await this.options.catalog.attached(after, PAGE);
      for (const { drive } of page) {
        const { projectId, attachments } = drive;
        for (const { instanceId, host } of attachments) {
          if (this.options.isNovas(host)) yield { instanceId, projectId };
        }
      }
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.drive.id;
    }
  }
}
