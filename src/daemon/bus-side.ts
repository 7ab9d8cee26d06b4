import type { Logger } from "pino";
import type { JsonDoor } from "#api/json-door.js";
import type { RpcClient } from "#bus/client/rpc-client.js";
import type { RpcServer } from "#bus/server/rpc-server.js";
import { whenAborted } from "#bus/when-aborted.js";
import { ANSWER_VERSION, answerMethod, PLUGIN_TARGET } from "#nova/answer-protocol.js";
import type { SendAnswer } from "#nova/answered-by-cast.js";
import { BUS_TARGET, busEndpoint } from "./bus-door.js";
import type { BusLine } from "./bus-line.js";
import type { FinishedCall } from "./call-log.js";
import { newRequestId } from "./request-id.js";
import { tracedEndpoint } from "./tracing/traced-endpoint.js";
import type { Tracer } from "./tracing/tracer.js";

/** Where the service is on the bus: the broker without its login, and the target. */
export interface BusEndpoint {
  readonly transport: string;
  readonly exchange: string;
  readonly topic: string;
  readonly server: string;
}

/** The service on the message bus. */
export class BusSide {
  private constructor(
    readonly endpoint: BusEndpoint,
    private readonly server: RpcServer,
    private readonly answers: RpcClient,
    private readonly opening: AbortController,
    private readonly opened: Promise<void>,
  ) {}

  /** Begins to serve, and returns at once. */
  static open(
    line: BusLine,
    host: string,
    door: JsonDoor,
    logger: Logger,
    observe: (call: FinishedCall) => void,
    tracer?: Tracer,
  ): BusSide {
    const answers = line.client();
    const answer = answerBy(answers, logger);
    const now = () => new Date();
    const endpoint = tracedEndpoint(
      busEndpoint({ door, newRequestId, observe, answer, now }),
      BUS_TARGET.topic,
      tracer,
    );
    const server = line.server(BUS_TARGET, host, endpoint);
    const opening = new AbortController();
    const where = { transport: line.transport, ...BUS_TARGET, server: host };
    const opened = server.start(opening.signal).then(
      () => logger.info({ event: "listening", door: "bus", ...where }, "listening on the bus"),
      () => undefined,
    );
    return new BusSide(where, server, answers, opening, opened);
  }

  /** Waits until requests reach the service, or the signal aborts. */
  async listeningWithin(signal: AbortSignal): Promise<void> {
    await Promise.race([this.opened, whenAborted(signal)]);
  }

  /** Whether requests on the bus reach the service now. */
  get listening(): boolean {
    return this.server.listening;
  }

  /** Takes no further requests, and lets those that run answer until the deadline. */
  async close(deadline: Date): Promise<void> {
    this.opening.abort();
    await this.server.stop(deadline);
    await this.answers.close();
  }
}

/** Tells plugins; one that cannot be told asks again. */
function answerBy(client: RpcClient, logger: Logger): SendAnswer {
  return async ({ server, expiresAt }, answer, signal) => {
    const target = { ...PLUGIN_TARGET, server, version: ANSWER_VERSION };
    try {
      const timeoutMs = Math.max(1, expiresAt.getTime() - Date.now());
      await client.cast(target, answerMethod().busName, answer, { mandatory: true, timeoutMs, signal });
    } catch (error) {
      logger.warn({ event: "unanswered", server, err: error }, `an answer did not reach the plugin on ${server}`);
    }
  };
}
