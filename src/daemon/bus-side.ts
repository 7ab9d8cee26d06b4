import type { Logger } from "pino";
import type { JsonDoor } from "#api/json-door.js";
import type { RpcServer } from "#bus/server/rpc-server.js";
import { whenAborted } from "#bus/when-aborted.js";
import { BUS_TARGET, busEndpoint } from "./bus-door.js";
import type { BusLine } from "./bus-line.js";
import { logCall } from "./call-log.js";
import { newRequestId } from "./request-id.js";

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
    private readonly opening: AbortController,
    private readonly opened: Promise<void>,
  ) {}

  /** Begins to serve, and returns at once. */
  static open(line: BusLine, host: string, door: JsonDoor, logger: Logger): BusSide {
    const observe = (call: Parameters<typeof logCall>[1]) => logCall(logger, call);
    const server = line.server(BUS_TARGET, host, busEndpoint({ door, newRequestId, observe }));
    const opening = new AbortController();
    const endpoint = { transport: line.transport, ...BUS_TARGET, server: host };
    const opened = server.start(opening.signal).then(
      () => logger.info({ event: "listening", door: "bus", ...endpoint }, "listening on the bus"),
      () => undefined,
    );
    return new BusSide(endpoint, server, opening, opened);
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
  }
}
