import type { Wait } from "#drive/hypervisor.js";
import { InstanceQueue } from "../instance-queue.js";
import { refusalFrom } from "./refusals.js";
import { type Reach, Session, type TokenSource } from "./session.js";
import type { Use } from "./use.js";

export interface OpenstackOptions extends Reach {
  readonly tokens: TokenSource;
  /** The type of the volumes that are made; unset: Cinder's default. */
  readonly volumeType?: string;
  /** Milliseconds for what OpenStack's services do behind their answers. */
  readonly taskMs: number;
}

/** The project of an OpenStack whose servers are served. */
export class Project {
  readonly #queue = new InstanceQueue();
  readonly #session: Session;

  constructor(private readonly options: OpenstackOptions) {
    this.#session = new Session(options.tokens, options);
  }

  /** Milliseconds for each answer. */
  get answerMs(): number {
    return this.options.answerMs;
  }

  /** One use of a server at a time: nova refuses a change of it while another one is under way. What it throws comes as a reason. */
  async use<T>(instanceId: string, { signal }: Wait, work: (use: Use) => Promise<T>): Promise<T> {
    const { volumeType, taskMs } = this.options;
    const type = volumeType === undefined ? {} : { volumeType };
    const use = { session: this.#session, instanceId, taskMs, signal, ...type };
    return await this.#queue.run(instanceId, signal, async () => {
      try {
        return await work(use);
      } catch (error) {
        throw refusalFrom(error, use);
      }
    });
  }

  /** Waits until nobody uses it. */
  async close(): Promise<void> {
    await this.#queue.idle();
  }
}
