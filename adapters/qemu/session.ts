import type { z } from "zod";
import { Refusal } from "#drive/refusal.js";
import { AnswerLimit } from "../answer-limit.js";
import { refusalFromSignal } from "../wait-ended.js";
import { Monitor } from "./monitor.js";
import type { QmpEvent } from "./qmp.js";
import { refusalFrom } from "./refusals.js";

/** Limits of the monitor's answers, in milliseconds. */
export interface Limits {
  /** For the greeting, and for each command's answer. */
  readonly answerMs: number;
  /** For a guest to let a device go. */
  readonly unplugMs: number;
}

/** One use of one instance's monitor; what goes wrong comes out as a `Refusal`. To dispose of it closes the monitor. */
export class Session implements AsyncDisposable {
  constructor(
    readonly instanceId: string,
    readonly limits: Limits,
    readonly signal: AbortSignal,
    readonly monitor: Monitor,
  ) {}

  /** Opens the monitor at a socket's path. */
  static async open(instanceId: string, path: string, limits: Limits, signal: AbortSignal): Promise<Session> {
    try {
      return new Session(instanceId, limits, signal, await Monitor.open(path, limits.answerMs, signal));
    } catch (error) {
      if (signal.aborted) throw refusalFromSignal(signal, `connecting to the monitor of instance ${instanceId}`);
      throw refusalFrom(error, instanceId);
    }
  }

  /** Runs one command and checks its return value. */
  async run<T>(command: string, args: Record<string, unknown>, returns: z.ZodType<T>): Promise<T> {
    const checked = returns.safeParse(await this.#execute(command, args));
    if (checked.success) return checked.data;
    throw new Refusal(
      "HYPERVISOR_FAILED",
      `QEMU answered ${command} for instance ${this.instanceId} in an unknown form`,
      { metadata: { hypervisor: "qemu", instance_id: this.instanceId, command }, cause: checked.error },
    );
  }

  /** Runs one command whose return value says nothing. */
  async do(command: string, args: Record<string, unknown>): Promise<void> {
    await this.#execute(command, args);
  }

  /**
   * Takes steps back after a failure, for `answerMs` even when the caller has given up. Says whether they succeeded; what is
   * left over otherwise is found by the next attach, detach or observe.
   */
  async undo(steps: (session: Session) => Promise<void>): Promise<boolean> {
    const signal = AbortSignal.timeout(this.limits.answerMs);
    try {
      await steps(new Session(this.instanceId, this.limits, signal, this.monitor));
      return true;
    } catch {
      return false;
    }
  }

  /** Events from this call on; see `QmpClient.listen`. */
  listen(signal: AbortSignal): AsyncGenerator<QmpEvent> {
    return this.monitor.client.listen(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.monitor[Symbol.asyncDispose]();
  }

  async #execute(command: string, args: Record<string, unknown>): Promise<unknown> {
    using limit = new AnswerLimit(this.signal, this.limits.answerMs);
    try {
      return await this.monitor.client.execute(command, args, limit.signal);
    } catch (error) {
      if (this.signal.aborted) throw refusalFromSignal(this.signal, `${command} for instance ${this.instanceId}`);
      if (limit.passed) {
        throw new Refusal(
          "HYPERVISOR_UNREACHABLE",
          `QEMU did not answer ${command} for instance ${this.instanceId} within ${this.limits.answerMs} ms`,
          { metadata: { hypervisor: "qemu", instance_id: this.instanceId, command }, cause: error },
        );
      }
      throw refusalFrom(error, this.instanceId);
    }
  }
}
