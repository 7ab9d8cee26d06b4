import type { Writable } from "node:stream";
import type { FrameSink } from "./library-connection.js";

/** Up to so many bytes are cheaper copied together than handed over one by one. */
const COPIED_AT_MOST = 16 * 1024;

/**
 * Sends what all channels of a connection write in one turn of the event loop in one system call, in the order in which it was written.
 * Nothing is held back longer than the turn lasts.
 */
export class FrameGatherer implements FrameSink {
  readonly #socket: Writable;
  #frames: Buffer[] = [];
  #bytes = 0;

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  write(frame: Buffer): boolean {
    this.#bytes += frame.length;
    if (this.#frames.push(frame) === 1) setImmediate(this.#send);
    return true;
  }

  /** One channel ended; its last frames still go out, and those of the others. */
  end(): void {}

  readonly #send = (): void => {
    const frames = this.#frames;
    const bytes = this.#bytes;
    this.#frames = [];
    this.#bytes = 0;
    // The connection ended meanwhile.
    if (!this.#socket.writable) return;
    if (bytes <= COPIED_AT_MOST) {
      this.#socket.write(Buffer.concat(frames, bytes));
      return;
    }
    this.#socket.cork();
    for (const frame of frames) this.#socket.write(frame);
    this.#socket.uncork();
  };
}
