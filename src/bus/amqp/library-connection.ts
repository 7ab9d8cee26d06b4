import { Socket } from "node:net";
import type { ChannelModel } from "amqplib";

/** Where a channel of the AMQP library puts its frames. */
export interface FrameSink {
  /** @returns whether more may be written at once; the library only tells its user, who does not ask here */
  write(frame: Buffer): boolean;
  end(): void;
}

/** What the AMQP library's connection has inside, as far as we go past it; the library does not show it to TypeScript. */
export interface LibraryConnection {
  readonly stream: Socket;
  /** By number; a closed channel is null. */
  readonly channels: readonly ({ buffer: FrameSink } | null)[];
  /** Takes a number for a channel and makes its sink. */
  freshChannel(...args: unknown[]): number;
}

/** The inside, where it is as we know it. Should the library change one day, its own ways are gone again. */
export function libraryConnection({ connection }: ChannelModel): LibraryConnection | undefined {
  return isKnown(connection) ? connection : undefined;
}

function isKnown(connection: object): connection is LibraryConnection {
  return (
    "stream" in connection &&
    connection.stream instanceof Socket &&
    "channels" in connection &&
    Array.isArray(connection.channels) &&
    "freshChannel" in connection &&
    typeof connection.freshChannel === "function"
  );
}
