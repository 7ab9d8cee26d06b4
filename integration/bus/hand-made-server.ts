import { randomUUID } from "node:crypto";
import { type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect, type Options } from "amqplib";
import { until } from "../rigs/wait.js";

/** A request as it came: its inner message, and everything that AMQP says of it. */
export interface Received {
  readonly inner: Record<string, unknown>;
  readonly message: ConsumeMessage;
}

/** A server that writes each reply by hand, so that it may answer as no well-behaved server would. */
export class HandMadeServer implements AsyncDisposable {
  readonly received: Received[] = [];

  private constructor(
    readonly connection: ChannelModel,
    readonly channel: ConfirmChannel,
    readonly exchange: string,
    readonly topic: string,
  ) {}

  /** Declares a topic as a Python server does by default and takes what comes. */
  static async start(url: string, exchange: string, topic: string): Promise<HandMadeServer> {
    const connection = await connect(url);
    const channel = await connection.createConfirmChannel();
    const server = new HandMadeServer(connection, channel, exchange, topic);
    await channel.assertExchange(exchange, "topic", { durable: false, autoDelete: false });
    await channel.assertQueue(topic, { durable: false });
    await channel.bindQueue(topic, exchange, topic);
    await channel.consume(topic, (message) => message !== null && server.#take(message), { noAck: true });
    return server;
  }

  /** Waits for the n-th request, counted from 1. */
  async request(n: number): Promise<Received> {
    await until(10_000, `request ${n}`, () => this.received.length >= n, 5);
    const found = this.received[n - 1];
    if (found === undefined) throw new Error(`no request ${n}`);
    return found;
  }

  /** Sends an inner message to the request's reply queue, enveloped; keys can be changed or (undefined) left out. */
  reply({ inner }: Received, keys: object): Promise<void> {
    const reply = {
      result: null,
      failure: null,
      ending: true,
      _msg_id: inner._msg_id,
      _unique_id: randomUUID(),
      ...keys,
    };
    return this.sendBody(String(inner._reply_q), envelope(reply));
  }

  /** Sends a body as it is; resolves when the broker has it. */
  async sendBody(queue: string, body: string | Buffer, options: Options.Publish = {}): Promise<void> {
    this.channel.publish("", queue, Buffer.from(body), { contentType: "application/json", headers: {}, ...options });
    await this.channel.waitForConfirms();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }

  #take(message: ConsumeMessage): void {
    const outer = JSON.parse(message.content.toString());
    this.received.push({ inner: JSON.parse(outer["oslo.message"]), message });
  }
}

/** An inner message in the envelope of version 2.0. */
export function envelope(inner: object): string {
  return JSON.stringify({ "oslo.version": "2.0", "oslo.message": JSON.stringify(inner) });
}
