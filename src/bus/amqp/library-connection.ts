import { Socket } from "node:net";

/** Where a channel of the AMQP library puts its frames. */
export interface FrameSink {
  /** @returns whether more may be written at once; the library only tells its user, who does not ask here */
  write(frame: Buffer): boolean;
  end(): void;
}

/** Fields and properties of `basic.publish` as the library has them before it encodes them; more of them than stand here. */
export interface Publishing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly mandatory: boolean;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly deliveryMode?: number | undefined;
  readonly priority?: number | undefined;
  readonly correlationId?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly expiration?: string | undefined;
  readonly messageId?: string | undefined;
  readonly timestamp?: number | undefined;
  readonly type?: string | undefined;
  readonly userId?: string | undefined;
  readonly appId?: string | undefined;
}

/** What the AMQP library's connection has inside, as far as we go past it; the library does not show it to TypeScript. */
export interface LibraryConnection {
  readonly stream: Socket;
  /** By number; a closed channel is null. */
  readonly channels: readonly ({ buffer: FrameSink } | null)[];
  /** Takes a number for a channel and makes its sink. */
  freshChannel(...args: unknown[]): number;
  /** Encodes a message and writes it to the channel's sink. The library puts another in its place once the connection is closed. */
  sendMessage(channel: number, method: number, fields: Publishing, ...rest: [number, Publishing, Buffer]): boolean;
  /** Encodes a method without content and writes it, with the same end. */
  sendMethod(channel: number, method: number, fields: object): boolean;
  /** Whether a heartbeat is needless. */
  sentSinceLastCheck: boolean;
}

/** The inside, where it is as we know it. Should the library change one day, its own ways are gone again. */
export function libraryConnection(connection: object): LibraryConnection | undefined {
  return isKnown(connection) ? connection : undefined;
}

function isKnown(connection: object): connection is LibraryConnection {
  return (
    "stream" in connection &&
    connection.stream instanceof Socket &&
    "channels" in connection &&
    Array.isArray(connection.channels) &&
    "freshChannel" in connection &&
    typeof connection.freshChannel === "function" &&
    "sendMessage" in connection &&
    typeof connection.sendMessage === "function" &&
    "sendMethod" in connection &&
    typeof connection.sendMethod === "function"
  );
}
