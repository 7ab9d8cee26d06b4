import { randomUUID } from "node:crypto";
import type { Agent } from "../rigs/agent.js";
import { until } from "../rigs/wait.js";
import type { Caller } from "./caller.js";

/** A caller that leads one drive after the other through its life, until it is told to stop or a call fails. */
export class LifeLoad implements AsyncDisposable {
  /** Drives that lived to their end. */
  lives = 0;
  #stopped = false;
  readonly #running: Promise<void>;

  private constructor(
    private readonly caller: Caller,
    private readonly agent: Agent,
    private readonly instanceId: string,
  ) {
    this.#running = this.#run();
    this.#running.catch(() => undefined);
  }

  /** @param agent of the host that the drives are attached on */
  static async start(caller: Caller, agent: Agent, instanceId: string): Promise<LifeLoad> {
    await agent.run(instanceId);
    return new LifeLoad(caller, agent, instanceId);
  }

  /** Waits until so many more drives have lived. @throws what a call was refused with */
  async goOn(lives: number): Promise<void> {
    const enough = this.lives + lives;
    await until(240_000, `${lives} more drives to live in ${this.instanceId}`, async () => {
      await Promise.race([this.#running, Promise.resolve()]);
      return this.lives >= enough;
    });
  }

  /** Ends with the life that is led. @throws what a call was refused with */
  async finish(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.caller[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#live();
      this.lives++;
    }
  }

  async #live(): Promise<void> {
    const { caller, instanceId } = this;
    const first = `one ${randomUUID()}`;
    const driveId = await caller.populate(randomUUID(), first);
    await caller.attach(randomUUID(), driveId, instanceId, this.agent.host);
    await this.#expectSeen(driveId, first);
    const second = `two ${randomUUID()}`;
    await caller.populate(randomUUID(), second, driveId);
    await this.#expectSeen(driveId, second);
    await caller.detach(randomUUID(), driveId, instanceId);
    await caller.remove(randomUUID(), driveId);
  }

  async #expectSeen(driveId: string, text: string): Promise<void> {
    const seen = (await this.agent.seenBy(this.instanceId))[driveId]?.toString().trim();
    if (seen !== text) throw new Error(`drive ${driveId}: the guest sees ${seen}, and not ${text}`);
  }
}
