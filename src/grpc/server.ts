import { Server, ServerCredentials, type ServerOptions } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { contract } from "#api/contract.js";
import type { Behind } from "#api/dispatch.js";
import { Refusal } from "#drive/refusal.js";
import { DriveServiceService } from "#gen/configdrive/v1/drive_service.js";
import { InstanceServiceService } from "#gen/configdrive/v1/instance_service.js";
import { CallsInFlight } from "./calls-in-flight.js";
import { driveService } from "./drive-service.js";
import { instanceService } from "./instance-service.js";
import { formatTarget, type ListenAddress, listenRefusal, parseListenAddress } from "./listen-address.js";
import { addReflection } from "./reflection.js";
import type { CallRecord } from "./unary.js";
import { placeSocket } from "./unix-socket.js";

const SECOND = 1000;

/**
 * Larger than any request the contract allows, so that one with too much content is refused by name (CONTENT_TOO_LARGE);
 * what is larger still gRPC refuses unread (RESOURCE_EXHAUSTED).
 */
const MOST_MESSAGE_BYTES = 8 * 1024 * 1024;

const SERVER_OPTIONS: ServerOptions = {
  "grpc.max_receive_message_length": MOST_MESSAGE_BYTES,
  "grpc.keepalive_time_ms": 60 * SECOND,
  "grpc.keepalive_timeout_ms": 20 * SECOND,
  // What one connection can make the server hold in memory: this many messages.
  "grpc.max_concurrent_streams": 64,
};

/** How long the last answers may take to reach their callers once every call is over. */
const FLUSH_MS = 500;

export interface GrpcDoorOptions extends Behind {
  /** `unix:/path`, `127.0.0.1:port`, `[::1]:port` or `localhost:port`. */
  readonly listen: string;
  /** Makes a request id (`req-` and a UUID) for a call that brings none. */
  readonly newRequestId: () => string;
  /** Told of each call when it is over. */
  readonly observe?: (record: CallRecord) => void;
  /** Default true. */
  readonly reflection?: boolean;
}

/** The gRPC door, open. */
export interface GrpcDoor extends AsyncDisposable {
  /** As a client dials it, the port that was taken filled in. */
  readonly target: string;
  /** What health answers for the whole server and for the service, until the door drains. */
  setServing(serving: boolean): void;
  /** What health answers for a part of the service by its own name, such as `configdrive.bus`. */
  setComponent(name: string, serving: boolean): void;
  /**
   * Answers NOT_SERVING, takes no new calls, waits for those under way until the signal aborts, and closes.
   */
  drain(signal: AbortSignal): Promise<void>;
}

/**
 * Opens the gRPC door: DriveService, InstanceService, health and reflection.
 * @throws Refusal INVALID_ARGUMENT when the address cannot be served
 */
export async function openGrpcDoor(options: GrpcDoorOptions): Promise<GrpcDoor> {
  const address = parseListenAddress(options.listen);
  const server = new Server(SERVER_OPTIONS);
  const inFlight = new CallsInFlight();
  const { drives, policy, newRequestId, observe = () => {} } = options;
  const serving = { policy, inFlight, newRequestId, observe };
  server.addService(DriveServiceService, driveService({ ...serving, drives }));
  server.addService(InstanceServiceService, instanceService({ ...serving, instances: drives.instances }));
  const health = new HealthImplementation();
  health.addToServer(server);
  if (options.reflection !== false) addReflection(server);

  const setServing = (serving: boolean) => {
    const status = serving && !inFlight.draining ? "SERVING" : "NOT_SERVING";
    health.setStatus("", status);
    for (const service of contract().services) health.setStatus(service, status);
  };
  const setComponent = (name: string, serving: boolean) =>
    health.setStatus(name, serving && !inFlight.draining ? "SERVING" : "NOT_SERVING");
  setServing(true);
  const { target, remove } = await listen(server, address);

  const drain = async (signal: AbortSignal) => {
    const over = inFlight.drain();
    setServing(false);
    const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    await remove();
    await Promise.race([over, aborted(signal)]);
    inFlight.cut();
    // A watched health stream never ends by itself.
    await Promise.race([closed, aborted(AbortSignal.timeout(FLUSH_MS))]);
    server.forceShutdown();
  };
  return { target, setServing, setComponent, drain, [Symbol.asyncDispose]: () => drain(AbortSignal.abort()) };
}

/** @throws Refusal INVALID_ARGUMENT, with what the system said */
async function listen(server: Server, address: ListenAddress): Promise<{ target: string; remove(): Promise<void> }> {
  try {
    if (address.kind === "unix") {
      const socket = await placeSocket(address.path, async (path) => void (await bind(server, `unix:${path}`)));
      return { target: formatTarget(address), remove: () => socket.remove() };
    }
    const port = await bind(server, formatTarget(address));
    return { target: formatTarget({ ...address, port }), remove: async () => {} };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw listenRefusal(formatTarget(address), `cannot listen there: ${text}`, error);
  }
}

function bind(server: Server, target: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(target, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
