import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { dial, type Endpoint } from "./dial.js";
import {
  CALL,
  CONTINUE,
  ERROR,
  EVENT,
  encodeMessage,
  type Message,
  MessageReader,
  OK,
  REPLY,
  STREAM,
} from "./message.js";
import { LibvirtConnectionLost, LibvirtError } from "./remote-error.js";
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
import { placeOf } from "./uri.js";
import { XdrReader } from "./xdr.js";

interface Pending {
  readonly procedure: Procedure;
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * How long libvirt is let answer calls that were given up before the connection is closed, in milliseconds. It answers a detach
 * that a guest does not follow after five seconds (qemu_hotplug.c, qemuDomainGetUnplugTimeout).
 */
const LAST_ANSWERS_MS = 6000;

/** One connection to a libvirt daemon: calls matched to replies, streams to libvirt, events, and keepalive answered. */
export class Connection implements AsyncDisposable {
  readonly #pending = new Map<number, Pending>();
  /** Streams to libvirt, by the serial of the call that opened each: libvirt says once that it has everything, or why not. */
  readonly #streams = new Map<number, Pending>();
  /** Serials of calls that libvirt has yet to answer, also of those that were given up. */
  readonly #unanswered = new Set<number>();
  #quiet: () => void = () => undefined;
  readonly #events = new EventEmitter<{ event: [procedure: number, payload: Buffer] }>();
  readonly #reader = new MessageReader();
  #written: Promise<void> = Promise.resolve();
  #lost: LibvirtConnectionLost | undefined;
  #nextSerial = 1;
  #replies = 0;
  #cutOff = false;

  private constructor(
    readonly path: string,
    private readonly socket: Socket,
  ) {
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#lose(error.message, error));
    socket.on("close", () => this.#lose("libvirt closed the connection"));
    socket.resume();
  }

  /** Connects to a daemon. Throws `LibvirtUnreachable`, or the signal's reason. */
  static async connect(endpoint: Endpoint, signal: AbortSignal): Promise<Connection> {
    return new Connection(placeOf(endpoint.uri), await dial(endpoint, signal));
  }

  /** Whether nothing of an earlier use is left on the connection, so that another one can have it: no call, stream or event. */
  get isFree(): boolean {
    return this.#unanswered.size === 0 && this.willBeFree;
  }

  /** Whether the connection is free once libvirt has answered what it was asked. */
  get willBeFree(): boolean {
    const quiet = this.#streams.size === 0 && this.#events.listenerCount("event") === 0;
    return quiet && !this.#cutOff && this.#lost === undefined;
  }

  /** How many calls libvirt has answered. */
  get replies(): number {
    return this.#replies;
  }

  /**
   * Calls one procedure with its encoded arguments and gives the reply as `read` decodes it. Throws `LibvirtError`,
   * `LibvirtConnectionLost`, `XdrError` for a reply of another form, or the signal's reason.
   */
  async call<T>(procedure: Procedure, args: Buffer, read: (reader: XdrReader) => T, signal: AbortSignal): Promise<T> {
    const reader = new XdrReader(await this.#call(this.#nextSerial++, procedure, args, signal));
    const result = read(reader);
    reader.end();
    return result;
  }

  /**
   * Calls a procedure that opens a stream to libvirt, sends it pieces of at most `MAX_STREAM_BYTES` until there are no more, and
   * gives when libvirt has taken them all. Throws as `call` does.
   */
  async send(procedure: Procedure, args: Buffer, pieces: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
    const serial = this.#nextSerial++;
    const taken = Promise.withResolvers<Buffer>();
    let refused = false;
    taken.promise.catch(() => {
      refused = true;
    });
    this.#streams.set(serial, { procedure, resolve: taken.resolve, reject: taken.reject });
    const put = (status: number, payload: Buffer) => this.#write({ procedure, type: STREAM, serial, status, payload });
    const nothing = Buffer.alloc(0);
    try {
      await this.#call(serial, procedure, args, signal);
      for await (const piece of pieces) {
        await ended(put(CONTINUE, piece), signal);
        if (refused) break;
      }
      if (refused) await taken.promise;
      void put(OK, nothing);
      await ended(taken.promise, signal);
    } catch (error) {
      this.#cutOff = true;
      if (this.#lost === undefined) void put(ERROR, nothing);
      throw error;
    } finally {
      this.#streams.delete(serial);
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

  /**
   * Ends the connection. Calls under way fail with `LibvirtConnectionLost` at once; libvirt has so many milliseconds to answer
   * them and those that were given up, so that it does not lose a client whose calls it still works on.
   */
  async close(limitMs = LAST_ANSWERS_MS): Promise<void> {
    this.#fail(new LibvirtConnectionLost(this.path, "the connection was closed"));
    if (this.#unanswered.size > 0) {
      const quiet = Promise.withResolvers<void>();
      this.#quiet = quiet.resolve;
      const limit = setTimeout(quiet.resolve, limitMs);
      await quiet.promise;
      clearTimeout(limit);
    }
    this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #call(serial: number, procedure: Procedure, args: Buffer, signal: AbortSignal): Promise<Buffer> {
    signal.throwIfAborted();
    if (this.#lost !== undefined) throw this.#lost;
    const answer = Promise.withResolvers<Buffer>();
    this.#pending.set(serial, { procedure, resolve: answer.resolve, reject: answer.reject });
    this.#unanswered.add(serial);
    try {
      void this.#write({ procedure, type: CALL, serial, status: OK, payload: args });
      return await ended(answer.promise, signal);
    } finally {
      this.#pending.delete(serial);
    }
  }

  /** Writes a message of the remote program; gives when it is on its way. */
  async #write(message: {
    readonly procedure: Procedure;
    readonly type: number;
    readonly serial: number;
    readonly status: number;
    readonly payload: Buffer;
  }): Promise<void> {
    const { procedure, ...rest } = message;
    const header = { program: REMOTE_PROGRAM, version: REMOTE_VERSION, procedure: procedures[procedure] };
    await this.#put(encodeMessage({ ...header, ...rest }));
  }

  /**
   * One message at a time: libvirt waits for its socket to become readable after each, and does not see a second one that came
   * in the same TLS record as the first.
   */
  #put(bytes: Buffer): Promise<void> {
    const written = this.#written.then(() => new Promise<void>((resolve) => this.socket.write(bytes, () => resolve())));
    this.#written = written;
    return written;
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
    else if (message.type === REPLY) this.#reply(message);
    else if (message.type === STREAM && this.#knows(message)) this.#answer(message, this.#streams);
    else throw new RangeError(`a message of type ${message.type}`);
  }

  #keepAlive(message: Message): void {
    if (message.procedure !== PING) return;
    const payload = Buffer.alloc(0);
    const header = { program: KEEPALIVE_PROGRAM, version: KEEPALIVE_VERSION, type: EVENT, serial: 0, status: OK };
    void this.#put(encodeMessage({ ...header, procedure: PONG, payload }));
  }

  /** Whether a stream message is about a call of ours, under way or given up. */
  #knows({ serial, procedure }: Message): boolean {
    return serial < this.#nextSerial && procedure === procedures.storageVolUpload;
  }

  #reply(message: Message): void {
    this.#replies += 1;
    this.#answer(message, this.#pending);
    this.#unanswered.delete(message.serial);
    if (this.#unanswered.size === 0) this.#quiet();
  }

  /** What a call or stream that was given up gets finds nobody waiting. */
  #answer(message: Message, waiting: ReadonlyMap<number, Pending>): void {
    const pending = waiting.get(message.serial);
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
    this.#fail(new LibvirtConnectionLost(this.path, why, cause === undefined ? undefined : { cause }));
    this.#end();
  }

  /** Fails what is under way, and what comes after. */
  #fail(lost: LibvirtConnectionLost): void {
    if (this.#lost !== undefined) return;
    this.#lost = lost;
    for (const pending of [...this.#pending.values(), ...this.#streams.values()]) pending.reject(lost);
  }

  #end(): void {
    this.#unanswered.clear();
    this.#quiet();
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
