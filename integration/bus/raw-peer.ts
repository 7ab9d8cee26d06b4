import { randomUUID } from "node:crypto";
import { type Channel, type ChannelModel, connect, type Options } from "amqplib";
import { within } from "../rigs/wait.js";

const hex = (): string => randomUUID().replaceAll("-", "");

/** A reply's inner message. */
export interface Reply {
  readonly result: unknown;
  readonly failure: string | null;
  readonly ending: boolean;
  readonly _msg_id: string;
}

/** A peer that writes each message by hand, so that it may send what no well-behaved caller would. */
export class RawPeer implements AsyncDisposable {
  readonly replyQueue = `reply_${hex()}`;
  /** Every reply and heartbeat that came, in order. */
  readonly replies: Reply[] = [];
  readonly #waiting = new Map<string, (reply: Reply) => void>();

  private constructor(
    readonly connection: ChannelModel,
    readonly channel: Channel,
  ) {}

  static async start(url: string): Promise<RawPeer> {
    const connection = await connect(url);
    connection.on("error", () => undefined);
    const peer = new RawPeer(connection, await connection.createChannel());
    await peer.openReplyQueue();
    return peer;
  }

  async openReplyQueue(): Promise<void> {
    await this.channel.assertQueue(this.replyQueue, { durable: false, expires: 1_800_000 });
    await this.channel.consume(
      this.replyQueue,
      (message) => {
        // Null tells that the queue was deleted, which some tests do.
        if (message !== null) this.#take(message.content.toString());
      },
      { noAck: true },
    );
  }

  #take(body: string): void {
    const reply: Reply = JSON.parse(JSON.parse(body)["oslo.message"]);
    this.replies.push(reply);
    if (reply.ending) this.#waiting.get(reply._msg_id)?.(reply);
  }

  /** The inner message of a call, to be changed at will. */
  call(method: string, args: object = {}, over: object = {}): Record<string, unknown> {
    return { method, args, _msg_id: hex(), _reply_q: this.replyQueue, _timeout: null, _unique_id: hex(), ...over };
  }

  send(inner: object, to: string, options: Options.Publish = {}): void {
    const body = JSON.stringify({ "oslo.version": "2.0", "oslo.message": JSON.stringify(inner) });
    this.sendBody(Buffer.from(body), to, options);
  }

  sendBody(body: Buffer, to: string, options: Options.Publish = {}): void {
    this.channel.publish("suite", to, body, { contentType: "application/json", headers: {}, ...options });
  }

  /** The final reply to a call. */
  reply(call: Record<string, unknown>, ms = 10_000): Promise<Reply> {
    const id = String(call._msg_id);
    const came = this.replies.find((reply) => reply._msg_id === id && reply.ending);
    if (came !== undefined) return Promise.resolve(came);
    const coming = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    return within(ms, `the reply to ${call.method}`, coming).finally(() => this.#waiting.delete(id));
  }

  /** Sends a call and gives its result. */
  async ask(method: string, args: object = {}, to = "suite"): Promise<unknown> {
    const call = this.call(method, args);
    this.send(call, to);
    return (await this.reply(call)).result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.channel.deleteQueue(this.replyQueue);
    await this.connection.close();
  }
}
