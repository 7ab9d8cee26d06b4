import { randomUUID } from "node:crypto";
import { type Channel, type ChannelModel, connect } from "amqplib";

/** What one run of calls took. */
export interface Run {
  readonly callsPerSecond: number;
  /** Milliseconds from publishing a call to its reply. */
  readonly latencies: readonly number[];
  readonly calls: number;
}

/** What is asked again and again. */
export interface Request {
  readonly exchange: string;
  readonly topic: string;
  readonly method: string;
  readonly version: string;
  readonly args: () => object;
}

const hex = (): string => randomUUID().replaceAll("-", "");
/** Before the id in a body whose inner message is JSON in a JSON string; Python writes a space where JSON.stringify writes none. */
const MSG_ID = "_msg_id";

/**
 * The caller, the same for every server and as cheap as can be: no confirmations, replies not acknowledged, and a reply is told by the
 * id in it, not parsed. The echo of the ceiling finds its way back by `reply_to`, which the others ignore.
 */
export class Driver implements AsyncDisposable {
  readonly #replyQueue = `reply_${hex()}`;
  readonly #sent = new Map<string, number>();
  #onReply: (latency: number) => void = () => undefined;

  private constructor(
    private readonly connection: ChannelModel,
    private readonly channel: Channel,
  ) {}

  static async start(url: string): Promise<Driver> {
    const connection = await connect(url, { noDelay: true });
    const driver = new Driver(connection, await connection.createChannel());
    await driver.#listen();
    return driver;
  }

  /** Keeps so many calls in flight for so many milliseconds. */
  run(request: Request, inFlight: number, milliseconds: number): Promise<Run> {
    const latencies: number[] = [];
    const began = performance.now();
    return new Promise((resolve) => {
      this.#onReply = (latency) => {
        latencies.push(latency);
        const elapsed = performance.now() - began;
        if (elapsed < milliseconds) this.#call(request);
        else if (this.#sent.size === 0) {
          resolve({ callsPerSecond: (latencies.length / elapsed) * 1000, latencies, calls: latencies.length });
        }
      };
      for (let call = 0; call < inFlight; call += 1) this.#call(request);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }

  async #listen(): Promise<void> {
    await this.channel.assertQueue(this.#replyQueue, { durable: false, expires: 1_800_000 });
    await this.channel.consume(this.#replyQueue, (message) => this.#take(message?.content), { noAck: true });
  }

  #take(body: Buffer | undefined): void {
    if (body === undefined) return;
    const at = body.indexOf(MSG_ID);
    const id = /[0-9a-f]{32}/.exec(body.toString("latin1", at, at + 60))?.[0] ?? "";
    const since = this.#sent.get(id);
    if (since === undefined) return;
    this.#sent.delete(id);
    this.#onReply(performance.now() - since);
  }

  #call({ exchange, topic, method, version, args }: Request): void {
    const id = hex();
    const context = {
      _context_user_id: "1f3c9a40d2c14d5b9e0f0f1a2b3c4d5e",
      _context_project_id: "9b2d0c1e5a6b4c7d8e9f00112233aabb",
      _context_request_id: "req-8d0c3a1e-1111-4222-8333-944445555666",
      _context_is_admin: true,
      _context_roles: ["admin"],
      _context_global_request_id: null,
      _context_user_domain: "default",
      _context_project_domain: "default",
    };
    const keys = { _msg_id: id, _reply_q: this.#replyQueue, _timeout: null, _unique_id: hex() };
    const inner = JSON.stringify({ method, ...keys, args: args(), version, ...context });
    const body = Buffer.from(JSON.stringify({ "oslo.version": "2.0", "oslo.message": inner }));
    this.#sent.set(id, performance.now());
    this.channel.publish(exchange, topic, body, {
      contentType: "application/json",
      contentEncoding: "utf-8",
      headers: {},
      deliveryMode: 2,
      priority: 0,
      expiration: "60000",
      replyTo: this.#replyQueue,
    });
  }
}
