import { type Channel, type ChannelModel, connect } from "amqplib";
import { unwrap } from "#bus/wire/envelope.js";
import { parseJson, writeJson } from "#bus/wire/json.js";
import { isJsonObject } from "#bus/wire/json-object.js";
import { until } from "../rigs/wait.js";
import type { HostileMessage } from "./hostile-messages.js";

/** What a server answered: a result as JSON text, or that the request failed. */
export type Answered =
  | { readonly kind: "result"; readonly json: string }
  | { readonly kind: "failure"; readonly json: string };

/** Sends messages of any make, and keeps every answer by the id that it carries. */
export class HostilePeer implements AsyncDisposable {
  /** By `_msg_id`, as JSON text. */
  readonly answers = new Map<string, Answered>();
  /** Canaries that were answered. */
  readonly #sung = new Set<string>();

  private constructor(
    readonly connection: ChannelModel,
    readonly channel: Channel,
    readonly replyQueue: string,
  ) {}

  static async start(url: string, replyQueue: string): Promise<HostilePeer> {
    const connection = await connect(url);
    const channel = await connection.createChannel();
    const peer = new HostilePeer(connection, channel, replyQueue);
    await channel.assertQueue(replyQueue, { durable: false, expires: 1_800_000 });
    await channel.consume(replyQueue, (message) => message !== null && peer.#take(message.content.toString()), {
      noAck: true,
    });
    return peer;
  }

  /** Publishes, and waits where the socket is full. */
  async send(exchange: string, routingKey: string, message: HostileMessage): Promise<void> {
    if (this.channel.publish(exchange, routingKey, message.body, message.properties)) return;
    await new Promise<void>((resolve) => this.channel.once("drain", resolve));
  }

  /** An ordinary call that must be answered: the server is alive, and has taken all that was sent before. */
  async canary(exchange: string, routingKey: string, number: number): Promise<void> {
    const id = `canary-${number}-of-${this.replyQueue}`;
    const inner = {
      method: "echo",
      args: { arg: id },
      _msg_id: id,
      _reply_q: this.replyQueue,
      _timeout: null,
      _unique_id: id,
    };
    const body = Buffer.from(JSON.stringify({ "oslo.version": "2.0", "oslo.message": JSON.stringify(inner) }));
    await this.send(exchange, routingKey, {
      fault: "none",
      wrongMembers: 0,
      body,
      properties: { contentType: "application/json" },
    });
    await until(60_000, `an answer to ${id}`, () => this.#sung.has(id), 5);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }

  #take(body: string): void {
    const reply = unwrap(body);
    if (reply.ending !== true) return;
    if (String(reply._msg_id).startsWith("canary-")) {
      this.#sung.add(String(reply._msg_id));
      return;
    }
    const { failure, result = null } = reply;
    const described = typeof failure === "string" ? parseJson(failure) : undefined;
    const answered: Answered = isJsonObject(described)
      ? { kind: "failure", json: writeJson(described.class) }
      : { kind: "result", json: writeJson(result) };
    this.answers.set(writeJson(reply._msg_id), answered);
  }
}
