import { EventEmitter, on } from "node:events";
import { createConnection, type Socket } from "node:net";
import { z } from "zod";
import { AnswerLimit } from "../answer-limit.js";
import { QmpCommandError, QmpConnectionLost, QmpUnreachable } from "./qmp-error.js";

/** The QEMU Machine Protocol, as `docs/interop/qmp-spec` of QEMU defines it: one JSON object a line. */
const greetingLine = z.object({ QMP: z.object({ version: z.unknown(), capabilities: z.array(z.unknown()) }) });
const eventLine = z.object({ event: z.string(), data: z.record(z.string(), z.unknown()).default({}) });
const returnLine = z.object({ return: z.unknown(), id: z.number() });
const errorLine = z.object({ error: z.object({ class: z.string(), desc: z.string() }), id: z.number() });
const line = z.union([eventLine, errorLine, returnLine, greetingLine]);

/** More than any reply of a machine with thousands of devices; a peer that sends a longer line does not speak QMP. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** For what ends with the connection. */
const NEVER = new AbortController().signal;

/** Something that happened in the machine. */
export type QmpEvent = z.infer<typeof eventLine>;

interface Pending {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One connection to one machine's monitor. QEMU serves one client of a monitor at a time and lets the next one wait without
 * a greeting, so a connection is not held for long after there was something to do (`Monitors`).
 */
export class QmpClient implements AsyncDisposable {
  readonly #pending = new Map<number, Pending>();
  readonly #events = new EventEmitter<{ event: [QmpEvent]; close: [] }>();
  readonly #greeted = Promise.withResolvers<void>();
  #received: Buffer[] = [];
  #receivedBytes = 0;
  #lost: QmpConnectionLost | undefined;
  #nextId = 1;
  #answered = 0;
  #happened = 0;

  private constructor(
    readonly path: string,
    readonly socket: Socket,
  ) {
    this.#greeted.promise.catch(() => undefined);
    this.#events.setMaxListeners(0);
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#lose(error.message, error));
    socket.on("close", () => this.#lose("the monitor closed the connection"));
  }

  /**
   * Connects to a monitor's unix socket and negotiates capabilities. Throws `QmpUnreachable` with the system's error code when
   * there is nobody, and `NO_GREETING` when there is no greeting in `greetingMs`: another client holds the monitor.
   */
  static async connect(path: string, greetingMs: number, signal: AbortSignal): Promise<QmpClient> {
    signal.throwIfAborted();
    const socket = createConnection(path);
    using limit = new AnswerLimit(signal, greetingMs);
    const until = limit.signal;
    let client: QmpClient | undefined;
    try {
      await opened(socket, path, until);
      client = new QmpClient(path, socket);
      await ended(client.#greeted.promise, until);
      client.#agree();
      return client;
    } catch (error) {
      socket.on("error", () => undefined);
      socket.destroy();
      signal.throwIfAborted();
      if (limit.passed) throw new QmpUnreachable(path, "NO_GREETING");
      throw error;
    }
  }

  /** Ends the negotiation, which the next command need not wait for: a monitor carries out its commands one after the other. */
  #agree(): void {
    this.execute("qmp_capabilities", {}, NEVER).catch((error: Error) => this.#lose(error.message, error));
  }

  /** Whether the connection has ended. */
  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /** How many commands the monitor has answered. */
  get answered(): number {
    return this.#answered;
  }

  /** How many events have come. */
  get happened(): number {
    return this.#happened;
  }

  /** Runs one command and gives its return value, unchecked. Throws `QmpCommandError`, `QmpConnectionLost` or the signal's reason. */
  async execute(command: string, args: Record<string, unknown>, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    if (this.#lost !== undefined) throw this.#lost;
    const id = this.#nextId++;
    const answer = Promise.withResolvers<unknown>();
    this.#pending.set(id, { command, resolve: answer.resolve, reject: answer.reject });
    try {
      // QEMU 7.2 reads its monitor byte by byte (monitor_can_read): what says nothing is left out.
      const said = Object.keys(args).length === 0 ? {} : { arguments: args };
      const order = { execute: command, ...said, id };
      this.socket.write(`${JSON.stringify(order)}\n`);
      return await ended(answer.promise, signal);
    } finally {
      this.#pending.delete(id);
    }
  }

  /**
   * The machine's events from this call on, so that it is called before the command that causes one. Ends when the connection
   * is lost; throws an `AbortError` when the signal is aborted.
   */
  listen(signal: AbortSignal): AsyncGenerator<QmpEvent> {
    const events = on(this.#events, "event", { signal, close: ["close"] });
    return (async function* () {
      for await (const [event] of events) yield event;
    })();
  }

  /** Ends the connection; commands under way fail with `QmpConnectionLost`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#lose("the connection was closed");
  }

  #receive(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#received.push(chunk.subarray(start, end));
      const text = Buffer.concat(this.#received).toString("utf8").trim();
      this.#received = [];
      this.#receivedBytes = 0;
      start = end + 1;
      if (text !== "") this.#take(text);
    }
    this.#received.push(chunk.subarray(start));
    this.#receivedBytes += chunk.length - start;
    if (this.#receivedBytes > MAX_LINE_BYTES) this.#lose(`a line is longer than ${MAX_LINE_BYTES} bytes`);
  }

  #take(text: string): void {
    const parsed = parseLine(text);
    if (parsed === undefined) this.#lose(`the peer does not speak QMP: ${JSON.stringify(text.slice(0, 120))}`);
    else if ("event" in parsed) this.#tell(parsed);
    else if ("QMP" in parsed) this.#greeted.resolve();
    else this.#answer(parsed);
  }

  #tell(event: QmpEvent): void {
    this.#happened += 1;
    this.#events.emit("event", event);
  }

  /** A reply whose command was given up for its deadline finds nobody waiting. */
  #answer(reply: z.infer<typeof returnLine> | z.infer<typeof errorLine>): void {
    this.#answered += 1;
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    if ("error" in reply) pending.reject(new QmpCommandError(pending.command, reply.error.class, reply.error.desc));
    else pending.resolve(reply.return);
  }

  #lose(why: string, cause?: Error): void {
    if (this.#lost !== undefined) return;
    const lost = new QmpConnectionLost(this.path, why, cause === undefined ? undefined : { cause });
    this.#lost = lost;
    this.#greeted.reject(lost);
    for (const pending of this.#pending.values()) pending.reject(lost);
    this.#events.emit("close");
    this.socket.destroy();
  }
}

function parseLine(text: string): z.infer<typeof line> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return line.safeParse(value).data;
}

/** Waits for the connection; the system's error code becomes the reason. */
async function opened(socket: Socket, path: string, signal: AbortSignal): Promise<void> {
  const connected = Promise.withResolvers<void>();
  socket.once("connect", () => connected.resolve());
  socket.once("error", (error: NodeJS.ErrnoException) =>
    connected.reject(new QmpUnreachable(path, error.code ?? error.message, { cause: error })),
  );
  await ended(connected.promise, signal);
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
