import type { RpcTarget } from "#bus/client/target.js";
import type { JsonObject } from "#bus/json.js";
import { RpcServer } from "#bus/server/rpc-server.js";
import type { Variant } from "./cells.js";
import { type Executor, OsloPeer, type Python } from "./oslo-peer.js";
import { ourEndpoints } from "./our-endpoints.js";
import { freshTarget, Ours, ports } from "./ours.js";

/** Who meets whom, and where. */
export interface MeetingSetup {
  readonly python: Python;
  readonly executor: Executor;
  /** `[oslo_messaging_rabbit]` of both. */
  readonly options: Variant["options"];
  /** The bus, as each of them reaches it. */
  readonly theirUrl: string;
  readonly ourUrl: string;
}

/** What the tests of one cell work with: a Python peer and ours on one bus, each serving a topic. */
export class Meeting implements AsyncDisposable {
  private constructor(
    readonly ours: Ours,
    readonly peer: OsloPeer,
    /** Where the Python peer serves; its exchange is the peer's control exchange, and ours too. */
    readonly target: RpcTarget & { readonly server: string },
    /** Where we serve. */
    readonly ourTopic: string,
    readonly server: RpcServer,
    /** Arguments of the casts that reached us. */
    readonly casts: JsonObject[],
  ) {}

  static async start({ python, executor, options, theirUrl, ourUrl }: MeetingSetup): Promise<Meeting> {
    const target = freshTarget();
    const peer = await OsloPeer.start(python, executor, {
      DEFAULT: { transport_url: theirUrl, control_exchange: target.exchange },
      oslo_messaging_rabbit: options,
      // Otherwise a Python notifier gives up at the first host that is down.
      oslo_messaging_notifications: { retry: "10" },
      // For Python's queue manager, which counts in a file.
      oslo_concurrency: { lock_path: "/tmp" },
    });
    process.stdout.write(
      `oslo.messaging ${peer.version} (${python.name}, ${executor}) ${Object.keys(options).join(" ")}\n`,
    );
    const ours = Ours.start(ourUrl, options);
    const casts: JsonObject[] = [];
    const ourTopic = `${target.topic}.of-ours`;
    const server = new RpcServer({
      transports: [ours],
      exchange: target.exchange,
      topic: ourTopic,
      server: "ours.host-2",
      endpoints: ourEndpoints(casts),
      concurrency: 16,
      ping: true,
      ...ports,
      logger: ours.log,
    });
    const meeting = new Meeting(ours, peer, target, ourTopic, server, casts);
    try {
      await Promise.all([
        server.start(AbortSignal.timeout(30_000)),
        peer.do("serve", { topic: target.topic, server: target.server }),
      ]);
      return meeting;
    } catch (error) {
      await meeting[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop(new Date(Date.now() + 5000));
    await this.ours[Symbol.asyncDispose]();
    await this.peer[Symbol.asyncDispose]();
  }
}
