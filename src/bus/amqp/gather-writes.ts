import { FrameGatherer } from "./frame-gatherer.js";
import type { LibraryConnection } from "./library-connection.js";

/**
 * Lets the channels that are opened from now on write through one gatherer. The AMQP library would pass each frame through a stream of its
 * channel and from there, by turns, to the socket: an acknowledgement and a reply would be two system calls and, on the way, more work
 * than encoding them.
 */
export function gatherWrites(connection: LibraryConnection): void {
  const gatherer = new FrameGatherer(connection.stream);
  const { freshChannel } = connection;
  connection.freshChannel = (...args: unknown[]): number => {
    const number: number = Reflect.apply(freshChannel, connection, args);
    const channel = connection.channels[number];
    if (channel) channel.buffer = gatherer;
    return number;
  };
}
