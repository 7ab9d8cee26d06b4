import type { Device } from "#drive/drive.js";
import type { DeviceWish, Hypervisor, Observation, PlacedImage, RenderedFile, Wait } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";

type Step = "choose" | "attach" | "refresh" | "detach" | "observe";

/**
 * A hypervisor of a few machines that have one drive a slot, with the port's rules and nothing else: for the logic of the
 * use cases, which must not depend on any one backend. The backends themselves are proven against the real ones.
 */
export class MachineModel implements Hypervisor {
  readonly name = "model";
  readonly devices = [{ kind: "cdrom", bus: "scsi" }] as const;
  readonly #machines = new Map<string, Map<string, number>>();
  readonly #trouble = new Map<Step, { times: number; refusal: Refusal; after: boolean }>();
  readonly #gates = new Map<Step, { reached: () => void; open: Promise<void>; after: boolean }>();
  /** Every change made, in order: `attach i1 d1/2`. */
  readonly changes: string[] = [];
  /** Drives, as `i1 d1`, of which a step that did not come to its end left something open; any step on them closes it. */
  readonly leftOpen = new Set<string>();

  /** What the compute manager of a machine would write for it now. */
  readonly rendered = new Map<string, readonly RenderedFile[]>();

  /** A machine runs from now on, with nothing in it. */
  start(instanceId: string): void {
    this.#machines.set(instanceId, new Map());
  }

  /** A machine ends, and forgets its devices. */
  stop(instanceId: string): void {
    this.#machines.delete(instanceId);
  }

  isRunning(instanceId: string): boolean {
    return this.#machines.has(instanceId);
  }

  /** How many machines run. */
  get running(): number {
    return this.#machines.size;
  }

  /** Images that a machine has from its start. */
  insert(instanceId: string, images: readonly PlacedImage[]): void {
    for (const { driveId, generation } of images) this.#machines.get(instanceId)?.set(driveId, generation);
  }

  /** What a machine sees: generation by drive. */
  seenBy(instanceId: string): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#machines.get(instanceId) ?? []);
  }

  /** A device goes away by itself. */
  lose(instanceId: string, driveId: string): void {
    this.#machines.get(instanceId)?.delete(driveId);
  }

  /** The next uses of a step are refused: before it acts, or after it did. */
  refuse(step: Step, reason: ConstructorParameters<typeof Refusal>[0], { times = 1, after = false } = {}): void {
    this.#trouble.set(step, { times, refusal: new Refusal(reason, `${step} was refused`), after });
  }

  /** Nothing is refused any more. */
  mend(): void {
    this.#trouble.clear();
  }

  /** Holds a step, before it acts or after it did: `reached` says that somebody waits at it, `release` lets everybody through. */
  hold(step: Step, { after = false } = {}): { readonly reached: Promise<void>; readonly release: () => void } {
    const reached = Promise.withResolvers<void>();
    const open = Promise.withResolvers<void>();
    this.#gates.set(step, { reached: reached.resolve, open: open.promise, after });
    return { reached: reached.promise, release: open.resolve };
  }

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    return await this.#step("choose", wait, () => {
      this.#machine(instanceId);
      return { kind: wish.kind ?? "cdrom", bus: wish.bus ?? "scsi", name: `slot-${image.driveId}`, reason: "free" };
    });
  }

  async attach(instanceId: string, image: PlacedImage, _device: Device, wait: Wait): Promise<void> {
    await this.#change("attach", instanceId, image.driveId, wait, () => {
      const machine = this.#machine(instanceId);
      const shown = machine.get(image.driveId);
      if (shown === image.generation) return;
      if (shown !== undefined) throw new Refusal("DEVICE_BUSY", `shows ${shown}`);
      for (const [other, drives] of this.#machines) {
        if (drives.has(image.driveId)) throw new Error(`double attach: ${other} has drive ${image.driveId}`);
      }
      machine.set(image.driveId, image.generation);
      this.changes.push(`attach ${instanceId} ${image.generation}`);
    });
  }

  async refresh(instanceId: string, image: PlacedImage, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#change("refresh", instanceId, image.driveId, wait, () => {
      const machine = this.#machine(instanceId);
      if (machine.get(image.driveId) === image.generation) return;
      machine.set(image.driveId, image.generation);
      this.changes.push(`refresh ${instanceId} ${image.generation}`);
    });
  }

  async detach(instanceId: string, driveId: string, _device: Device, _force: boolean, wait: Wait): Promise<void> {
    await this.#change("detach", instanceId, driveId, wait, () => {
      if (this.#machines.get(instanceId)?.delete(driveId) === true) this.changes.push(`detach ${instanceId}`);
    });
  }

  async render(instanceId: string): Promise<readonly RenderedFile[]> {
    const files = this.rendered.get(instanceId);
    if (files !== undefined) return files;
    throw new Refusal("RENDER_NOT_AVAILABLE", `nobody manages ${instanceId}`);
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    return await this.#step("observe", wait, () => {
      const machine = this.#machines.get(instanceId);
      if (machine === undefined) return undefined;
      return [...machine].map(([driveId, generation]) => ({ driveId, generation, deviceName: `slot-${driveId}` }));
    });
  }

  async close(): Promise<void> {}

  #machine(instanceId: string): Map<string, number> {
    const machine = this.#machines.get(instanceId);
    if (machine === undefined) throw new Refusal("INSTANCE_NOT_FOUND", `there is no instance ${instanceId}`);
    return machine;
  }

  async #change(step: Step, instanceId: string, driveId: string, wait: Wait, act: () => void): Promise<void> {
    const place = `${instanceId} ${driveId}`;
    this.leftOpen.add(place);
    await this.#step(step, wait, act);
    this.leftOpen.delete(place);
  }

  async #step<T>(step: Step, wait: Wait, act: () => T): Promise<T> {
    const gate = this.#gates.get(step);
    if (gate?.after) act();
    gate?.reached();
    await gate?.open;
    await new Promise((resolve) => setImmediate(resolve));
    wait.signal.throwIfAborted();
    const trouble = this.#trouble.get(step);
    if (trouble === undefined) return act();
    trouble.times -= 1;
    if (trouble.times === 0) this.#trouble.delete(step);
    if (trouble.after) act();
    throw trouble.refusal;
  }
}
