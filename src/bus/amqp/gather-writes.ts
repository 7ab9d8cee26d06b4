import { Socket } from "node:net";
import type { ChannelModel } from "amqplib";

/**
 * Sends what one turn of the event loop writes in one system call, instead of one for each frame: an acknowledgement, a reply's header
 * and its body each are a frame. Nothing is held back longer than the turn lasts. Under load this is a quarter of a server's processor time.
 *
 * The AMQP library does not show its socket to TypeScript; should it hide it altogether one day, frames are written one by one again.
 */
export function gatherWrites(model: ChannelModel): void {
  const { connection } = model;
  if (!("stream" in connection) || !(connection.stream instanceof Socket)) return;
  const socket = connection.stream;
  const { write } = socket;
  let gathering = false;
  const send = (): void => {
    gathering = false;
    socket.uncork();
  };
  const gather = (...args: unknown[]): unknown => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      process.nextTick(send);
    }
    return Reflect.apply(write, socket, args);
  };
  Object.defineProperty(socket, "write", { value: gather, writable: true, configurable: true });
}
