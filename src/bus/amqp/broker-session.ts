import type { Channel, ChannelModel, ConfirmChannel } from "amqplib";
import { atMost } from "../at-most.js";
import type { Clock, Logger } from "../ports.js";
import { whenAborted } from "../when-aborted.js";

/** How long anything is waited for that is only said goodbye to: a broker that is blocked or gone does not answer. */
export const PARTING_MS = 1000;

/** Why a channel or connection can no longer be used. */
export class Lost extends Error {
  override readonly name = "Lost";
}

/** An open channel, and the signal that aborts (with a `Lost` or the broker's error) once it is gone. Closing it never throws. */
export interface OpenChannel<Kind extends Channel = Channel> {
  readonly channel: Kind;
  readonly lost: AbortSignal;
  close(): Promise<void>;
}

/** One live connection to one broker. It ends once; its successor is another session. */
export class BrokerSession {
  readonly #model: ChannelModel;
  readonly #lost = new AbortController();
  readonly #destroySocket: () => void;
  readonly #ports: { readonly logger: Logger; readonly clock: Clock };
  #blockedBecause: string | undefined;

  /**
   * @param address `host:port`, for people
   * @param destroySocket frees the socket at once, whatever its state
   * @param onBlocked hears the broker's reason when it stops to take messages, and undefined when it takes them again
   */
  constructor(
    model: ChannelModel,
    readonly address: string,
    destroySocket: () => void,
    onBlocked: (reason: string | undefined) => void,
    ports: { readonly logger: Logger; readonly clock: Clock },
  ) {
    const { logger, clock } = ports;
    this.#model = model;
    this.#destroySocket = destroySocket;
    this.#ports = ports;
    let failure: Error | undefined;
    model.on("error", (error: Error) => {
      failure = error;
    });
    model.on("close", (error?: Error) => {
      this.#end(error ?? failure ?? new Lost("connection closed"));
      if (error === undefined) clock.after(PARTING_MS, destroySocket);
      else destroySocket();
    });
    model.on("blocked", (reason: string) => {
      this.#blockedBecause = reason;
      onBlocked(reason);
    });
    model.on("unblocked", () => {
      this.#blockedBecause = undefined;
      onBlocked(undefined);
    });
    model.on("handler-error", (error: Error, event: string) => logger.error({ err: error, event }, "listener failed"));
  }

  /** Aborts when the connection is gone; the reason is the broker's or the socket's error. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The broker's reason while it takes no messages. */
  get blockedBecause(): string | undefined {
    return this.#blockedBecause;
  }

  openChannel(): Promise<OpenChannel> {
    return this.#open(() => this.#model.createChannel());
  }

  /** A channel on which the broker confirms each message. */
  openConfirmChannel(): Promise<OpenChannel<ConfirmChannel>> {
    return this.#open(() => this.#model.createConfirmChannel());
  }

  /** Closes in order; does not throw, and waits no longer than the broker takes or `signal` allows. */
  async close(signal: AbortSignal): Promise<void> {
    if (this.#lost.signal.aborted) return;
    const closed = this.#model.close().catch(() => undefined);
    await Promise.race([closed, whenAborted(signal), whenAborted(this.#lost.signal)]);
    if (signal.aborted) this.#destroySocket();
    this.#end(new Lost("connection closed"));
  }

  async #open<Kind extends Channel>(create: () => Promise<Kind>): Promise<OpenChannel<Kind>> {
    this.#lost.signal.throwIfAborted();
    const channel = await create();
    // The connection may have ended in the very chunk that opened the channel, before anyone listened.
    this.#lost.signal.throwIfAborted();
    const lost = new AbortController();
    let failure: Error | undefined;
    channel.on("error", (error: Error) => {
      failure = error;
    });
    channel.on("close", () => lost.abort(failure ?? new Lost("channel closed")));
    const { logger, clock } = this.#ports;
    channel.on("handler-error", (error: Error, event: string) =>
      logger.error({ err: error, event }, "listener failed"),
    );
    const close = async (): Promise<void> => {
      if (!lost.signal.aborted) await atMost(clock, PARTING_MS, channel.close());
    };
    return { channel, lost: lost.signal, close };
  }

  #end(reason: Error): void {
    if (!this.#lost.signal.aborted) this.#lost.abort(reason);
  }
}
