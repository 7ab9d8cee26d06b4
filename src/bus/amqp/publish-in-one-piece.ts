import { encodePublish } from "./encode-publish.js";
import type { LibraryConnection, Publishing } from "./library-connection.js";

/**
 * Encodes the usual message with `encodePublish`, and leaves any other to the AMQP library, which makes a buffer for each of its frames, and
 * from these another; that is four times the work. All else about publishing stays the library's: channels, confirmations, what is closed.
 */
export function publishInOnePiece(connection: LibraryConnection): void {
  const { sendMessage } = connection;
  connection.sendMessage = (channel: number, method: number, fields: Publishing, ...rest): boolean => {
    const sink = connection.channels[channel]?.buffer;
    const [, , body] = rest;
    const frames = sink === undefined ? undefined : encodePublish(channel, fields, body);
    if (sink === undefined || frames === undefined) {
      return Reflect.apply(sendMessage, connection, [channel, method, fields, ...rest]);
    }
    connection.sentSinceLastCheck = true;
    return sink.write(frames);
  };
}
