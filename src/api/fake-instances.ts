import type { Instance } from "#drive/instance/instance.js";
import type { InstancePage, InstanceUseCases, InstanceView, RunInstances } from "#drive/instance/use-cases.js";
import { Refusal } from "#drive/refusal.js";
import type { Call } from "#drive/use-cases.js";

/** Instances that only remember: for tests of the doors, which must not depend on what stands behind them. */
export class FakeInstances implements InstanceUseCases {
  readonly #instances = new Map<string, Instance>();
  /** Every request, in order. */
  readonly seen: unknown[] = [];

  constructor(private readonly newId: () => string) {}

  async run(request: RunInstances, { projectId }: Call): Promise<readonly InstanceView[]> {
    this.seen.push(request);
    const at = new Date("2026-01-02T03:04:05.678Z");
    const instance: Instance = {
      ...{ id: this.newId(), projectId, reservationId: this.newId(), name: request.name, host: request.host },
      ...{ launchIndex: 0, state: "RUNNING", template: request.template, revision: 1, createdAt: at, updatedAt: at },
    };
    this.#instances.set(instance.id, instance);
    return [viewOf(instance)];
  }

  async terminate(request: { readonly instanceIds: readonly string[] }): Promise<void> {
    this.seen.push(request);
    for (const id of request.instanceIds) this.#instances.delete(id);
  }

  async stop(request: { readonly instanceId: string }, call: Call): Promise<InstanceView> {
    return this.#changed(request, "STOPPED", call);
  }

  async start(request: { readonly instanceId: string }, call: Call): Promise<InstanceView> {
    return this.#changed(request, "RUNNING", call);
  }

  async get(instanceId: string, { projectId }: Call): Promise<InstanceView> {
    const instance = this.#instances.get(instanceId);
    if (instance?.projectId === projectId) return viewOf(instance);
    throw new Refusal("INSTANCE_NOT_FOUND", `no instance ${instanceId}`, { metadata: { instance_id: instanceId } });
  }

  async list(_: unknown, { projectId }: Call): Promise<InstancePage> {
    const own = [...this.#instances.values()].filter((instance) => instance.projectId === projectId);
    return { instances: own.map(viewOf), nextPageToken: "" };
  }

  async #changed(
    request: { readonly instanceId: string },
    state: Instance["state"],
    call: Call,
  ): Promise<InstanceView> {
    this.seen.push(request);
    const { instance } = await this.get(request.instanceId, call);
    const changed = { ...instance, state, revision: instance.revision + 1 };
    this.#instances.set(instance.id, changed);
    return viewOf(changed);
  }
}

function viewOf(instance: Instance): InstanceView {
  return { instance, driveIds: [] };
}
