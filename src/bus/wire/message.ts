import type { JsonObject } from "../json.js";
import { bodyText } from "./body-text.js";
import { type Compression, compress, decompress } from "./compression.js";
import { unwrap, wrap } from "./envelope.js";
import { type JsonFormat, writeJson } from "./json.js";
import { UndecodableMessage } from "./undecodable.js";

/** The one content type that Python peers read; `application/json; charset=utf-8` is lost on them (wire §4). */
const contentType = "application/json";

/** Largest body read, after inflation, in bytes. The wire sets no limit (wire §14.3); memory does. */
export const largestBody = 64 * 1024 * 1024;

/** A body with the AMQP properties that say how to read it. The caller adds `expiration` where the message is a call. */
export interface EncodedMessage {
  readonly body: Buffer;
  readonly properties: {
    readonly contentType: string;
    readonly contentEncoding: string;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly deliveryMode: 2;
    readonly priority: 0;
  };
}

/**
 * The properties of most messages, made once: the AMQP library derives an object from the headers, for which V8 prepares a header object
 * that it has not seen before at some cost.
 */
const properties: EncodedMessage["properties"] = {
  contentType,
  contentEncoding: "utf-8",
  headers: Object.freeze({}),
  deliveryMode: 2,
  priority: 0,
};

/** How a message is written. */
export interface MessageFormat extends JsonFormat {
  /** `kombu_compression`. */
  readonly compression?: Compression | undefined;
  /** `false` writes the bare inner message, as the `messaging` notification driver does (wire §12). Default true. */
  readonly envelope?: boolean;
  /** Further AMQP headers, such as a trace context; Python peers ignore them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Writes an inner message with the properties that every message on this wire has (wire §4). */
export function encodeMessage(inner: JsonObject, format: MessageFormat = {}): EncodedMessage {
  const plain = format.envelope === false ? Buffer.from(writeJson(inner, format), "utf8") : wrap(inner, format);
  if (format.compression === undefined && format.headers === undefined) return { body: plain, properties };
  const coded = format.compression === undefined ? { body: plain, headers: {} } : compress(plain, format.compression);
  return { body: coded.body, properties: { ...properties, headers: { ...format.headers, ...coded.headers } } };
}

/** What a delivery says about its own body; the fields are as the broker hands them over, of any type. */
export interface ReceivedProperties {
  readonly contentType?: unknown;
  readonly contentEncoding?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Reads the inner message out of a delivery: content type, compression, encoding, envelope, in this order (wire §4, §5.2).
 * @throws UndecodableMessage
 */
export function decodeMessage(body: Buffer, received: ReceivedProperties, limit = largestBody): JsonObject {
  if (received.contentType !== contentType) throw new UndecodableMessage(`content_type is not ${contentType}`);
  if (body.length > limit) throw new UndecodableMessage(`body has more than ${limit} bytes`);
  const plain = decompress(body, received.headers?.compression, limit);
  return unwrap(bodyText(plain, received.contentEncoding));
}
