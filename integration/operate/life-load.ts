import { randomUUID } from "node:crypto";
import type { Agent } from "../rigs/agent.js";
import { CallFailed } from "../rigs/door.js";
import { driveOf } from "../rigs/drive-answer.js";
import { OsloClient } from "../rigs/oslo-client.js";
import { until } from "../rigs/wait.js";

/** A call that was refused, and with what. */
interface Refused {
  readonly method: string;
  readonly reason: string;
  readonly error: unknown;
}

/**
 * A Python caller that leads one drive after the other through its life, until it is told to stop. A refusal that the error table
 * says can be tried again is, with the same request id; what guests see is held against what was asked for.
 */
export class LifeLoad implements AsyncDisposable {
  /** Every refusal, those that were overcome by a second try too. */
  readonly refused: Refused[] = [];
  /** Drives that lived to their end. */
  lives = 0;
  #stopped = false;
  readonly #running: Promise<void>;

  private constructor(
    private readonly client: OsloClient,
    private readonly agent: Agent,
    private readonly instanceId: string,
  ) {
    this.#running = this.#run();
    this.#running.catch(() => undefined);
  }

  /** @param agent of the host that the drives are attached on */
  static async start(transportUrl: string, agent: Agent, instanceId: string): Promise<LifeLoad> {
    await agent.run(instanceId);
    return new LifeLoad(await OsloClient.start(transportUrl), agent, instanceId);
  }

  /** Waits until so many more drives have lived. */
  async goOn(lives: number): Promise<void> {
    const enough = this.lives + lives;
    await until(240_000, `${lives} more drives to live in ${this.instanceId}`, async () => {
      await Promise.race([this.#running, Promise.resolve()]);
      return this.lives >= enough;
    });
  }

  /** Ends with the life that is led. @throws what could not be overcome */
  async finish(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.client.stop();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#live();
      this.lives++;
    }
  }

  async #live(): Promise<void> {
    const { instanceId: instance_id } = this;
    const blob = (text: string) => ({ blob: { data: Buffer.from(text.padEnd(512)).toString("base64") } });
    const first = `one ${randomUUID()}`;
    const { id: drive_id } = driveOf(await this.#ask("populate_volume", blob(first)));
    await this.#ask("attach_drive", { drive_id, instance_id, host: this.agent.host });
    await this.#expectSeen(drive_id, first);
    const second = `two ${randomUUID()}`;
    await this.#ask("populate_volume", { drive_id, ...blob(second), when_attached: "WHEN_ATTACHED_REFRESH" });
    await this.#expectSeen(drive_id, second);
    await this.#ask("detach_drive", { drive_id, instance_id });
    await this.#ask("delete_drive", { drive_id });
  }

  async #expectSeen(driveId: string, text: string): Promise<void> {
    const seen = (await this.agent.seenBy(this.instanceId))[driveId]?.toString().trim();
    if (seen !== text) throw new Error(`drive ${driveId}: the guest sees ${seen}, and not ${text}`);
  }

  /** Makes a call, again and again for as long as it is refused for a while only. */
  async #ask(method: string, args: object) {
    const request = { request_id: randomUUID(), ...args };
    let away = false;
    return await until(120_000, `${method} to be taken`, async () => {
      try {
        return await this.client.call(method, request);
      } catch (error) {
        const reason = error instanceof CallFailed ? error.reason : "";
        this.refused.push({ method, reason, error });
        away ||= reason === "HOST_UNREACHABLE";
        // What one service has begun and waits with for the host, another one leaves to it.
        if (!away || !["HOST_UNREACHABLE", "DRIVE_BUSY"].includes(reason)) throw error;
        return undefined;
      }
    });
  }
}
