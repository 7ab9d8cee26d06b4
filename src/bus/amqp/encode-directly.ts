import { type Acknowledgement, BASIC_ACK, encodeAck } from "./encode-ack.js";
import { encodePublish } from "./encode-publish.js";
import type { LibraryConnection, Publishing } from "./library-connection.js";

/**
 * Encodes acknowledgements and the usual message here, each into one buffer, and leaves all else to the AMQP library. That makes a buffer for
 * each of a message's frames, and from these another, which is four times the work. All else about publishing stays the library's as
 * well: channels, confirmations, what is closed.
 */
export function encodeDirectly(connection: LibraryConnection): void {
  const { sendMessage, sendMethod } = connection;
  connection.sendMessage = (channel, method, fields: Publishing, ...rest): boolean => {
    const sink = connection.channels[channel]?.buffer;
    const [, , body] = rest;
    const frames = sink === undefined ? undefined : encodePublish(channel, fields, body);
    if (sink === undefined || frames === undefined) {
      return Reflect.apply(sendMessage, connection, [channel, method, fields, ...rest]);
    }
    connection.sentSinceLastCheck = true;
    return sink.write(frames);
  };
  connection.sendMethod = (channel, method, fields): boolean => {
    const sink = connection.channels[channel]?.buffer;
    if (sink === undefined || !isAck(method, fields)) {
      return Reflect.apply(sendMethod, connection, [channel, method, fields]);
    }
    connection.sentSinceLastCheck = true;
    return sink.write(encodeAck(channel, fields));
  };
}

function isAck(method: number, fields: object): fields is Acknowledgement {
  return method === BASIC_ACK && "deliveryTag" in fields;
}
