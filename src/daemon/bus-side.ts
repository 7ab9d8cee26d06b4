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

/** What serves at one bus, and what sends answers that are casts there. */
interface Cell {
  readonly server: RpcServer;
  readonly answers: RpcClient;
  /** Ends when it listened once, or is to end. */
  readonly opened: Promise<void>;
}

/** The service on the message bus: on one, or on one for each cell. */
export class BusSide {
  private constructor(
    /** At the first bus. */
    readonly endpoint: BusEndpoint,
    private readonly cells: readonly Cell[],
    private readonly opening: AbortController,
  ) {}

  /**
   * Begins to serve, and returns at once.
   * @param lines at least one; a request is answered at the bus that brought it
   * @param ready settles when the service knows enough to take the requests of one of them: until then they wait, or others take them
   */
  static open(
    lines: readonly [BusLine, ...BusLine[]],
    host: string,
    door: JsonDoor,
    logger: Logger,
    observe: (call: FinishedCall) => void,
    tracer: Tracer | undefined,
    ready: (index: number) => Promise<void>,
  ): BusSide {
    const opening = new AbortController();
    const where = ({ transport }: BusLine) => ({ transport, ...BUS_TARGET, server: host });
    const now = () => new Date();
    const cells = lines.map((line, index) => {
      const answers = line.client();
      const endpoint = busEndpoint({ door, newRequestId, observe, answer: answerBy(answers, logger), now });
      const server = line.server(BUS_TARGET, host, tracedEndpoint(endpoint, BUS_TARGET.topic, tracer));
      const started = ready(index).then(async () => {
        opening.signal.throwIfAborted();
        await server.start(opening.signal);
      });
      const opened = started.then(
        () => logger.info({ event: "listening", door: "bus", ...where(line) }, "listening on the bus"),
        () => undefined,
      );
      return { server, answers, opened };
    });
    return new BusSide(where(lines[0]), cells, opening);
  }

  /** Waits until requests reach the service at every bus, or the signal aborts. */
  async listeningWithin(signal: AbortSignal): Promise<void> {
    await Promise.race([Promise.all(this.cells.map(({ opened }) => opened)), whenAborted(signal)]);
  }

  /** Whether requests reach the service now, at every bus. */
  get listening(): boolean {
    return this.cells.every(({ server }) => server.listening);
  }

  /** Takes no further requests, and lets those that run answer until the deadline. */
  async close(deadline: Date): Promise<void> {
    this.opening.abort();
    await Promise.all(this.cells.map(({ server }) => server.stop(deadline)));
    await Promise.all(this.cells.map(({ answers }) => answers.close()));
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
