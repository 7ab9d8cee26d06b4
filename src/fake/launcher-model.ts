import type { Device } from "#drive/drive.js";
import type { DeviceWish } from "#drive/hypervisor.js";
import type { Launchable, Launcher, ShownDrive } from "#drive/launcher.js";
import { Refusal } from "#drive/refusal.js";
import type { MachineModel } from "./machine-model.js";

/**
 * A launcher of the machines of a MachineModel, with the port's rules and nothing else. A template `bad` does not parse; launches can
 * be refused by launch index. The backends themselves are proven against the real ones.
 */
export class LauncherModel implements Launcher {
  /** Every change made, in order. */
  readonly changes: string[] = [];
  /** Launch indexes whose launch is refused. */
  readonly refused = new Set<number>();

  constructor(readonly machines: MachineModel) {}

  async plan({ template }: Launchable, image: { readonly driveId: string }, wish: DeviceWish): Promise<Device> {
    if (template === "bad") {
      throw new Refusal("INVALID_ARGUMENT", "template: is bad", {
        violations: [{ field: "template", rule: "is bad" }],
      });
    }
    const name = `slot-${image.driveId}`;
    return { kind: wish.kind ?? "cdrom", bus: wish.bus ?? "scsi", name, reason: wish.why ?? "free" };
  }

  async launch({ id, launchIndex }: Launchable, drives: readonly ShownDrive[]): Promise<void> {
    if (this.machines.isRunning(id)) return;
    if (this.refused.has(launchIndex)) throw new Refusal("HYPERVISOR_FAILED", `launch ${launchIndex} was refused`);
    this.machines.start(id);
    this.machines.insert(
      id,
      drives.map(({ image }) => image),
    );
    this.changes.push(`launch ${launchIndex} ${drives.map(({ image }) => image.generation).join()}`);
  }

  async stop(instanceId: string, graceMs: number): Promise<void> {
    if (this.machines.isRunning(instanceId)) this.changes.push(`stop ${graceMs}`);
    this.machines.stop(instanceId);
  }

  async destroy(instanceId: string): Promise<void> {
    if (this.machines.isRunning(instanceId)) this.changes.push("destroy");
    this.machines.stop(instanceId);
  }

  async runs(instanceId: string): Promise<boolean> {
    return this.machines.isRunning(instanceId);
  }
}
