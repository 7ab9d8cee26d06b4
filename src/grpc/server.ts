import { Server, ServerCredentials, type ServerOptions } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { contract } from "#api/contract.js";
import type { Behind } from "#api/dispatch.js";
import type { Identities } from "#api/policy/identities.js";
import type { Tokens } from "#api/policy/tokens.js";
import { DriveServiceService } from "#gen/configdrive/v1/drive_service.js";
import { InstanceServiceService } from "#gen/configdrive/v1/instance_service.js";
import { type Authenticate, authenticateHere, authenticateOverTls } from "./authenticate.js";
import { CallsInFlight } from "./calls-in-flight.js";
import { driveService } from "./drive-service.js";
import { instanceService } from "./instance-service.js";
import { parseListenAddress, parseTlsAddress } from "./listen-address.js";
import { addReflection } from "./reflection.js";
import type { CallRecord, TraceServed } from "./served-call.js";
import { TlsCredentials, type TlsMaterial } from "./tls-credentials.js";
import { openWay, type WayIn } from "./way-in.js";

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

/** How the door is open to other machines. */
export interface TlsDoor {
  /** `host:port` */
  readonly listen: string;
  readonly material: TlsMaterial;
  /** Who is who by certificate; unset: nobody. */
  readonly identities?: Identities;
}

export interface GrpcDoorOptions extends Behind {
  /** For this machine: `unix:/path`, `127.0.0.1:port`, `[::1]:port` or `localhost:port`. Whoever gets in without a token is the operator. */
  readonly listen: string;
  /** Unset: the door is closed to other machines. */
  readonly tls?: TlsDoor;
  /** Who vouches for the tokens that calls show, at either way in; unset: nobody. */
  readonly tokens?: Tokens;
  /** Makes a request id (`req-` and a UUID) for a call that brings none. */
  readonly newRequestId: () => string;
  /** Told of each call when it is over. */
  readonly observe?: (record: CallRecord) => void;
  /** Unset: calls are not traced. */
  readonly trace?: TraceServed;
  /** Default true. */
  readonly reflection?: boolean;
}

/** The gRPC door, open. */
export interface GrpcDoor extends AsyncDisposable {
  /** As a client on this machine dials it, the port that was taken filled in. */
  readonly target: string;
  /** As clients elsewhere dial it; unset: they do not. */
  readonly tlsTarget: string | undefined;
  /**
   * Exchanges certificates and identities while the door is open; nothing where it is closed to other machines.
   * @throws Error for certificates that cannot be used: everything stays as it was
   */
  exchangeTls(tls: Pick<TlsDoor, "material" | "identities">): void;
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
 * @throws Refusal INVALID_ARGUMENT when an address cannot be served
 */
export async function openGrpcDoor(options: GrpcDoorOptions): Promise<GrpcDoor> {
  const address = parseListenAddress(options.listen);
  const inFlight = new CallsInFlight();
  const { drives, policy, rates, newRequestId, observe = () => {}, trace, tls, tokens } = options;
  const health = new HealthImplementation();
  // A server for each way in: what it is made of says who its callers are, and no header could.
  const serverFor = (authenticate: Authenticate): Server => {
    const server = new Server(SERVER_OPTIONS);
    const more = { ...(rates === undefined ? {} : { rates }), ...(trace === undefined ? {} : { trace }) };
    const serving = { policy, ...more, authenticate, inFlight, newRequestId, observe };
    server.addService(DriveServiceService, driveService({ ...serving, drives }));
    server.addService(InstanceServiceService, instanceService({ ...serving, instances: drives.instances }));
    health.addToServer(server);
    if (options.reflection !== false) addReflection(server);
    return server;
  };

  const setServing = (serving: boolean) => {
    const status = serving && !inFlight.draining ? "SERVING" : "NOT_SERVING";
    health.setStatus("", status);
    for (const service of contract().services) health.setStatus(service, status);
  };
  const setComponent = (name: string, serving: boolean) =>
    health.setStatus(name, serving && !inFlight.draining ? "SERVING" : "NOT_SERVING");
  setServing(true);

  let identities = tls?.identities;
  const local = await openWay(
    serverFor(authenticateHere(tokens)),
    address,
    ServerCredentials.createInsecure(),
    "listen",
  );
  const ways: WayIn[] = [local];
  const close = async (signal: AbortSignal) => {
    const over = inFlight.drain();
    setServing(false);
    const closed = Promise.all(
      ways.map(({ server }) => new Promise<void>((resolve) => server.tryShutdown(() => resolve()))),
    );
    await Promise.all(ways.map(({ remove }) => remove()));
    await Promise.race([over, aborted(signal)]);
    inFlight.cut();
    // A watched health stream never ends by itself.
    await Promise.race([closed, aborted(AbortSignal.timeout(FLUSH_MS))]);
    for (const { server } of ways) server.forceShutdown();
  };
  let certificates: TlsCredentials | undefined;
  try {
    if (tls !== undefined) {
      certificates = new TlsCredentials(tls.material);
      const server = serverFor(authenticateOverTls(() => identities, tokens));
      ways.push(await openWay(server, parseTlsAddress(tls.listen), certificates, "tls_listen"));
    }
  } catch (error) {
    await close(AbortSignal.abort());
    throw error;
  }
  return {
    target: local.target,
    tlsTarget: ways[1]?.target,
    exchangeTls(next) {
      certificates?.exchange(next.material);
      identities = next.identities;
    },
    setServing,
    setComponent,
    drain: close,
    [Symbol.asyncDispose]: () => close(AbortSignal.abort()),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
