import type { Device } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, Hypervisor, PlacedImage, Wait } from "#drive/hypervisor.js";
import type { Ability, Backend, Instance } from "./backend.js";

/** One case of the conformance suite: a function that throws unless the adapter did as the port says. */
export interface Case {
  readonly title: string;
  /** What it proves, in the few words that the table of docs/adapters.md has for it. */
  readonly capability: string;
  /** What a backend must have for it. */
  readonly needs: readonly Ability[];
  /** How many drives an instance has at once in it; unset: one. */
  readonly drives?: number;
  /** It boots a guest of its own, and is therefore played once in the short form. */
  readonly boots?: boolean;
  run(round: Round): Promise<void>;
}

/** What one turn of a case is played on. Machines and devices differ from turn to turn; the drive is a new one. */
export interface Round {
  readonly backend: Backend;
  readonly abilities: readonly Ability[];
  /** The adapter with more patience than any guest needs. */
  readonly hypervisor: Hypervisor;
  readonly machine: string;
  readonly form: DeviceForm;
  readonly driveId: string;
  /** An instance that runs and has no drive; others use it after us. */
  running(): Promise<Instance>;
  /** A new instance, shut off, for this turn alone. */
  instance(): Promise<Instance>;
}

/** A wait that is longer than any step takes on a slow machine. */
export function wait(ms = 90_000): Wait {
  return { signal: AbortSignal.timeout(ms) };
}

/** Chooses a device and attaches. */
export async function put(
  hypervisor: Hypervisor,
  instanceId: string,
  image: PlacedImage,
  wish: DeviceWish,
): Promise<Device> {
  const device = await hypervisor.choose(instanceId, image, wish, wait());
  await hypervisor.attach(instanceId, image, device, wait());
  return device;
}

/** What the adapter sees of an instance, as generations by drive; `undefined` when it is not there. */
export async function seen(hypervisor: Hypervisor, instanceId: string): Promise<Record<string, number> | undefined> {
  const observed = await hypervisor.observe(instanceId, wait());
  return observed && Object.fromEntries(observed.map(({ driveId, generation }) => [driveId, generation]));
}
