import { hostname } from "node:os";
import type { Ids } from "../ports.js";
import type { RabbitOptions } from "../wire/options.js";

/**
 * What follows `reply_` and `<topic>_fanout_` in the names of this process's own queues: random by default, and with
 * `use_queue_manager` `host:process:number`, so that a process that starts again finds its queues (wire §3.1). One is shared by all
 * that share a message bus in a process: the number counts for both kinds of queues.
 */
export class QueueNames {
  #count = 0;

  /**
   * @param program stands for `processname` where that is not given; one host runs no two processes of one name. Unset for one that comes
   * and goes beside a process that stays, and must not take its replies: its names are random in any case
   */
  constructor(
    private readonly options: RabbitOptions,
    private readonly ids: Ids,
    private readonly program: string | undefined,
  ) {}

  next(): string {
    const { use_queue_manager: managed, hostname: host = hostname(), processname = this.program } = this.options;
    if (!managed || this.program === undefined) return this.ids.hex();
    this.#count += 1;
    return `${host}:${processname}:${this.#count}`;
  }
}
