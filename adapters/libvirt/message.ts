import { XdrReader, XdrWriter } from "./xdr.js";

/** One message of libvirt's RPC (virnetprotocol.x): a length word that counts itself, six words of header, the payload. */
export interface Message {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
  readonly payload: Buffer;
}

/** virNetMessageType: what is sent and received here. File descriptors are not used. */
export const CALL = 0;
export const REPLY = 1;
export const EVENT = 2;
export const STREAM = 3;

/** virNetMessageStatus. */
export const OK = 0;
export const ERROR = 1;
/** In a stream: more follows. */
export const CONTINUE = 2;

const LENGTH_BYTES = 4;
const HEADER_BYTES = 24;
/** VIR_NET_MESSAGE_MAX, and the length word that it does not count. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024 + LENGTH_BYTES;

/** A message as it goes over the wire. */
export function encodeMessage(message: Message): Buffer {
  const { program, version, procedure, type, serial, status, payload } = message;
  const head = new XdrWriter().uint(LENGTH_BYTES + HEADER_BYTES + payload.length);
  for (const word of [program, version, procedure, type, serial, status]) head.uint(word);
  return Buffer.concat([head.bytes(), payload]);
}

/** Puts messages together from the pieces in which they arrive. */
export class MessageReader {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #wanted = LENGTH_BYTES;

  /** Takes what arrived and gives the messages that are complete now. Throws `RangeError` at a length that no message has. */
  take(piece: Buffer): Message[] {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    const messages: Message[] = [];
    while (this.#bytes >= this.#wanted) {
      const all = Buffer.concat(this.#pieces);
      const length = all.readUInt32BE(0);
      if (length < LENGTH_BYTES + HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
        throw new RangeError(`a message of ${length} bytes`);
      }
      const whole = all.length >= length;
      if (whole) messages.push(decode(all.subarray(LENGTH_BYTES, length)));
      const rest = whole ? all.subarray(length) : all;
      this.#pieces = [rest];
      this.#bytes = rest.length;
      this.#wanted = whole ? LENGTH_BYTES : length;
    }
    return messages;
  }
}

function decode(bytes: Buffer): Message {
  const reader = new XdrReader(bytes);
  return {
    program: reader.uint(),
    version: reader.uint(),
    procedure: reader.uint(),
    type: reader.uint(),
    serial: reader.uint(),
    status: reader.uint(),
    payload: bytes.subarray(HEADER_BYTES),
  };
}
