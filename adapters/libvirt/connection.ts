import { EventEmitter } from "node:events";
import { createConnection, type Socket } from "node:net";
import { CALL, ERROR, EVENT, encodeMessage, type Message, MessageReader, OK, REPLY } from "./message.js";
import { LibvirtConnectionLost, LibvirtError, LibvirtUnreachable } from "./remote-error.js";
import {
  KEEPALIVE_PROGRAM,
  KEEPALIVE_VERSION,
  PING,
  PONG,
  type Procedure,
  procedures,
  REMOTE_PROGRAM,
  REMOTE_VERSION,
  readError,
} from "./remote-program.js";
import { XdrReader } from "./xdr.js";

interface Pending {
  readonly procedure: Procedure;
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

/** One connection to a libvirt daemon's unix socket: calls matched to replies, events, and keepalive answered. */
export class Connection implements AsyncDisposable {
  readonly #pending = new Map<number, Pending>();
  readonly #events = new EventEmitter<{ event: [procedure: number, payload: Buffer] }>();
  readonly #reader = new MessageReader();
  #lost: LibvirtConnectionLost | undefined;
  #nextSerial = 1;

  private constructor(
    readonly path: string,
    private readonly socket: Socket,
  ) {
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#lose(error.message, error));
    socket.on("close", () => this.#lose("libvirt closed the connection"));
  }

  /** Connects to a socket. Throws `LibvirtUnreachable` with the system's error code, or the signal's reason. */
  static async connect(path: string, signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    const socket = createConnection(path);
    const connected = Promise.withResolvers<void>();
    socket.once("connect", () => connected.resolve());
    socket.once("error", (error: NodeJS.ErrnoException) =>
      connected.reject(new LibvirtUnreachable(path, error.code ?? error.message, { cause: error })),
    );
    try {
      await ended(connected.promise, signal);
      return new Connection(path, socket);
    } catch (error) {
      socket.on("error", () => undefined);
      socket.destroy();
      throw error;
    }
  }

  /**
   * Calls one procedure with its encoded arguments and gives the reply as `read` decodes it. Throws `LibvirtError`,
   * `LibvirtConnectionLost`, `XdrError` for a reply of another form, or the signal's reason.
   */
  async call<T>(procedure: Procedure, args: Buffer, read: (reader: XdrReader) => T, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#lost !== undefined) throw this.#lost;
    const serial = this.#nextSerial++;
    const answer = Promise.withResolvers<Buffer>();
    this.#pending.set(serial, { procedure, resolve: answer.resolve, reject: answer.reject });
    try {
      const header = { program: REMOTE_PROGRAM, version: REMOTE_VERSION, type: CALL, status: OK };
      this.socket.write(encodeMessage({ ...header, procedure: procedures[procedure], serial, payload: args }));
      const reader = new XdrReader(await ended(answer.promise, signal));
      const result = read(reader);
      reader.end();
      return result;
    } finally {
      this.#pending.delete(serial);
    }
  }

  /** Hears one kind of event message until the listener is disposed. */
  listen(procedure: number, heard: (reader: XdrReader) => void): Disposable {
    const listener = (arrived: number, payload: Buffer) => {
      if (arrived === procedure) heard(new XdrReader(payload));
    };
    this.#events.on("event", listener);
    return { [Symbol.dispose]: () => void this.#events.off("event", listener) };
  }

  /** Ends the connection; calls under way fail with `LibvirtConnectionLost`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#lose("the connection was closed");
  }

  #receive(chunk: Buffer): void {
    try {
      for (const message of this.#reader.take(chunk)) this.#take(message);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#lose(`the peer does not speak libvirt's protocol: ${why}`);
    }
  }

  #take(message: Message): void {
    if (message.program === KEEPALIVE_PROGRAM) this.#keepAlive(message);
    else if (message.program !== REMOTE_PROGRAM) throw new RangeError(`a message of program ${message.program}`);
    else if (message.type === EVENT) this.#events.emit("event", message.procedure, message.payload);
    else if (message.type === REPLY) this.#answer(message);
    else throw new RangeError(`a message of type ${message.type}`);
  }

  #keepAlive(message: Message): void {
    if (message.procedure !== PING) return;
    const payload = Buffer.alloc(0);
    const header = { program: KEEPALIVE_PROGRAM, version: KEEPALIVE_VERSION, type: EVENT, serial: 0, status: OK };
    this.socket.write(encodeMessage({ ...header, procedure: PONG, payload }));
  }

  /** A reply whose call was given up for its deadline finds nobody waiting. */
  #answer(message: Message): void {
    const pending = this.#pending.get(message.serial);
    if (pending === undefined) return;
    if (message.procedure !== procedures[pending.procedure]) {
      throw new RangeError(`procedure ${message.procedure} answers ${pending.procedure}`);
    }
    if (message.status === ERROR) {
      const { code, message: text } = readError(new XdrReader(message.payload));
      pending.reject(new LibvirtError(pending.procedure, code, text));
    } else pending.resolve(message.payload);
  }

  #lose(why: string, cause?: Error): void {
    if (this.#lost !== undefined) return;
    const lost = new LibvirtConnectionLost(this.path, why, cause === undefined ? undefined : { cause });
    this.#lost = lost;
    for (const pending of this.#pending.values()) pending.reject(lost);
    this.socket.destroy();
  }
}

/** The promise, or the signal's reason if that comes first. */
async function ended<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
