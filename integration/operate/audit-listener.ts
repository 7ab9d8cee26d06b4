import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { Child } from "../rigs/child.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { within } from "../rigs/wait.js";

const heard = z.strictObject({
  context: z.record(z.string(), z.unknown()),
  publisher_id: z.string(),
  event_type: z.string(),
  payload: z.record(z.string(), z.unknown()),
  metadata: z.strictObject({ message_id: z.string(), timestamp: z.string() }),
});

/** A notification as oslo.messaging hands it to a listener. */
export type HeardEvent = z.infer<typeof heard>;

/** An unmodified oslo.messaging listener in a process of its own. */
export class AuditListener implements AsyncDisposable {
  private constructor(
    private readonly python: Child,
    private readonly directory: string,
  ) {}

  static async start(transportUrl: string, exchange: string, topic: string): Promise<AuditListener> {
    const directory = await privateDirectory("listener");
    const program = resolve("integration/operate/peers/listener.py");
    const args = [program, "--url", transportUrl, "--exchange", exchange, "--topic", topic];
    const python = await Child.start("/usr/bin/python3", args, { log: join(directory, "log"), piped: true });
    const listener = new AuditListener(python, directory);
    const ready = await within(120_000, "the listener to start", python.lines.next());
    if (ready !== undefined) return listener;
    const log = python.tail();
    await listener[Symbol.asyncDispose]();
    throw new Error(`the listener did not start:\n${log}`);
  }

  /** The next event that it hears. */
  async next(): Promise<HeardEvent> {
    const line = await within(120_000, "an audit event to be heard", this.python.lines.next());
    if (line === undefined) throw new Error(`the listener went away:\n${this.python.tail()}`);
    return heard.parse(JSON.parse(line));
  }

  /** The next event of this type; what comes before it is passed over. */
  async nextOf(eventType: string): Promise<HeardEvent> {
    for (;;) {
      const event = await this.next();
      if (event.event_type === eventType) return event;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.python.stop("SIGKILL");
    this.python.lines.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}
