import { unlink } from "node:fs/promises";
import { extname, join } from "node:path";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { ImageWriteError } from "./errors.js";
import { STAGING_BYTES } from "./staging-pool.js";

/** A folder of a file's own, made where it is missing, and opened without following links, as is the directory that it stands in. */
export interface OwnFolder {
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
}

/** Where a file belongs. */
export interface Place {
  readonly directory: string;
  /** Below the directory; unset: the file stands in the directory itself. */
  readonly folder?: OwnFolder | undefined;
  readonly name: string;
  /** What the file is called until it is whole. */
  readonly partial: string;
  /** The group that the file and its folder are given to; unset: the process's own. */
  readonly groupId?: number | undefined;
}

/** A file that is to be written beside its place and renamed there. */
export interface PlacedFile extends Place {
  readonly size: number;
  /** What is not zero, start and end of each, ascending. */
  readonly stretches: readonly (readonly [start: number, end: number])[];
  /** Unset where it is 0600. */
  readonly mode: number | undefined;
  /** Whether the file and its name are to be on disk. */
  readonly sync: boolean;
}

/** What both threads see. */
export interface Shared {
  /** The file's bytes. */
  readonly bytes: Uint8Array;
  /** The number of the newest order; each is a `PlacedFile` in the port. */
  readonly orders: Int32Array;
  /** The number of the newest order that is done; a failure is in the port by then. */
  readonly done: Int32Array;
  /** The number of the order that shall not be renamed any more. */
  readonly cancelled: Int32Array;
  readonly port: MessagePort;
}

export interface Failure {
  /** errno name. */
  readonly code: string;
  readonly message: string;
}

/** The thread's program stands beside this one: compiled, or in tests as TypeScript, whose types Node leaves out by itself. */
const PROGRAM = new URL(`./writing-thread${extname(import.meta.url)}`, import.meta.url);

/** The path of a file that is in its place. */
export function pathOf({ directory, folder, name }: Pick<Place, "directory" | "folder" | "name">): string {
  return join(directory, folder?.name ?? "", name);
}

/**
 * A thread that brings small files to their places, one at a time. A file takes eight calls that may block, one in a folder of its own
 * twice as many; the thread pool would take a trip there and back for each, which is longer than they are. Main and this thread wait for
 * each other's numbers in shared memory: a message would take longer to wake them.
 */
export class PlacingThread {
  /** Put the file's bytes here, then `place` it, without a wait in between. */
  readonly bytes = new Uint8Array(new SharedArrayBuffer(STAGING_BYTES));
  readonly #orders = new Int32Array(new SharedArrayBuffer(4));
  readonly #done = new Int32Array(new SharedArrayBuffer(4));
  readonly #cancelled = new Int32Array(new SharedArrayBuffer(4));
  readonly #port: MessagePort;
  readonly #worker: Worker;
  #order = 0;
  #state: "starting" | "idle" | "busy" | "ended" = "starting";

  constructor(program: URL = PROGRAM) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: Shared = {
      bytes: this.bytes,
      orders: this.#orders,
      done: this.#done,
      cancelled: this.#cancelled,
      port: port2,
    };
    const inherited = { execArgv: [], env: {} };
    this.#worker = new Worker(program, { name: "image-writer", workerData, transferList: [port2], ...inherited });
    // It never keeps the process alive but for an order.
    this.#worker.unref();
    this.#worker.once("online", () => this.#become("idle"));
    this.#worker.once("error", () => this.#end());
    this.#worker.once("exit", () => this.#end());
  }

  get idle(): boolean {
    return this.#state === "idle";
  }

  get busy(): boolean {
    return this.#state === "busy";
  }

  /**
   * The order is out when this returns its promise; the bytes have to stay until it ends.
   * @throws ImageWriteError; the signal's reason. Nothing of the file is left then
   */
  async place(file: PlacedFile, signal: AbortSignal | undefined): Promise<void> {
    this.#become("busy");
    this.#worker.ref();
    this.#order = (this.#order + 1) | 0;
    const order = this.#order;
    const cancel = (): void => void Atomics.store(this.#cancelled, 0, order);
    if (signal?.aborted === true) cancel();
    signal?.addEventListener("abort", cancel);
    try {
      this.#port.postMessage(file);
      Atomics.store(this.#orders, 0, order);
      Atomics.notify(this.#orders, 0);
      await this.#isDone(order);
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#worker.unref();
      this.#become("idle");
    }
    await this.#check(file, signal);
  }

  async #isDone(order: number): Promise<void> {
    for (;;) {
      const done = Atomics.load(this.#done, 0);
      if (done === order || this.#state === "ended") return;
      await Atomics.waitAsync(this.#done, 0, done).value;
    }
  }

  async #check(file: PlacedFile, signal: AbortSignal | undefined): Promise<void> {
    if (this.#state === "ended") {
      await unlink(pathOf({ ...file, name: file.partial })).catch(() => {});
      throw new ImageWriteError(pathOf(file), "EIO", new Error("the thread that wrote it ended"));
    }
    const received: { message: Failure } | undefined = receiveMessageOnPort(this.#port);
    if (received === undefined) return;
    const { code, message } = received.message;
    if (code === "ECANCELED") signal?.throwIfAborted();
    throw new ImageWriteError(pathOf(file), code, new Error(message));
  }

  #become(state: "idle" | "busy"): void {
    if (this.#state !== "ended") this.#state = state;
  }

  #end(): void {
    this.#state = "ended";
    Atomics.notify(this.#done, 0);
  }
}

/** Threads for those who write at the same time; whoever finds none free goes by the thread pool. */
const MOST_THREADS = 2;

const threads: PlacingThread[] = [];
let asked = 0;

/**
 * A thread that has nothing to do; without one the thread pool serves. The first is started when it is asked for the second time: a
 * program that writes one image is done before. Another one is started when all are busy. One that a hung directory holds holds nobody
 * else, and one that ended is not replaced.
 */
export function idlePlacingThread(): PlacingThread | undefined {
  asked += 1;
  const idle = threads.find((thread) => thread.idle);
  if (idle === undefined && asked > 1 && threads.length < MOST_THREADS && threads.every((thread) => thread.busy)) {
    threads.push(new PlacingThread());
  }
  return idle;
}
