import type { Readable } from "node:stream";

/**
 * Lets the listener of `readable` take what arrives the moment it arrives, rather than from the stream's buffer some ticks later: that saves
 * a waking of the server several microseconds, and a call wakes it twice, for the request and for the confirmation of its reply.
 * It rests on a socket handing its bytes to its own `push`; should one not, it is read as any stream is.
 * @param stream in byte mode, read by one listener that takes all there is
 */
export function readDirectly(stream: Readable): void {
  const { push, read } = stream;
  let arrived: unknown;
  const take = (...args: unknown[]): unknown => {
    if (arrived === undefined) return Reflect.apply(read, stream, args);
    const chunk = arrived;
    arrived = undefined;
    return chunk;
  };
  const hand = (...args: unknown[]): unknown => {
    // What came before goes first. The end of the stream is the stream's own affair.
    if (args[0] === null || stream.readableLength > 0) return Reflect.apply(push, stream, args);
    arrived = args[0];
    stream.emit("readable");
    if (arrived === undefined) return true;
    // Nobody took it.
    arrived = undefined;
    return Reflect.apply(push, stream, args);
  };
  Object.defineProperty(stream, "read", { value: take, writable: true, configurable: true });
  Object.defineProperty(stream, "push", { value: hand, writable: true, configurable: true });
}
