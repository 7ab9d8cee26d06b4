import type { Proven } from "#adapters/proven.js";
import type { DeviceForm } from "#drive/hypervisor.js";
import type { BackendKind } from "./backend.js";
import type { Case } from "./case.js";

/** What one run of the suite saw of one backend. */
export class Results {
  /** How often each case passed that was begun; 0 for one that failed. */
  readonly #times = new Map<Case, number>();
  readonly #devices = new Set<string>();

  constructor(
    private readonly kind: Pick<BackendKind, "adapter" | "where">,
    /** Every case that the backend can be put through. */
    private readonly cases: readonly Case[],
  ) {}

  /** A case is played. It counts as failed until it has passed. */
  begun(one: Case): void {
    this.#times.set(one, 0);
  }

  /** A case has passed as often as it is played, on these devices. */
  passed(one: Case, times: number, forms: readonly DeviceForm[]): void {
    this.#times.set(one, times);
    for (const { kind, bus } of forms) this.#devices.add(`${kind} on ${bus}`);
  }

  /** What this proves; nothing when only some of the cases were run, as with `jest -t`: the others would count as failed. */
  proven(run: Pick<Proven, "against" | "date" | "commit">): Proven | undefined {
    if (this.cases.some((one) => !this.#times.has(one))) return undefined;
    const { adapter, where } = this.kind;
    const capabilities = Object.fromEntries(this.cases.map((one) => [one.capability, this.#times.get(one) ?? 0]));
    return { adapter, where, ...run, devices: [...this.#devices].join(", "), capabilities };
  }
}
