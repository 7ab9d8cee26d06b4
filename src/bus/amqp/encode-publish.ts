import type { Publishing } from "./library-connection.js";

/** Frame types, and the octet at the end of each frame (AMQP 0-9-1 §4.2.3). */
const METHOD = 1;
const HEADER = 2;
const BODY = 3;
const FRAME_END = 0xce;
/** Type, channel and size before the payload of a frame, and its end. */
const FRAME_HEAD = 7;
const FRAME_OVERHEAD = FRAME_HEAD + 1;

const CLASS_BASIC = 60;
const METHOD_PUBLISH = 40;
/** Class and method, a reserved short, the lengths of exchange and routing key, and the bits (§1.8.3.7). */
const METHOD_FIXED = 4 + 2 + 1 + 1 + 1;
/** Class, weight, body size and flags (§4.2.6.1); then an empty header table, delivery mode and priority. */
const HEADER_FIXED = 2 + 2 + 8 + 2 + 4 + 1 + 1;
/** Property flags from the highest bit on: content type and encoding, headers, delivery mode, priority. */
const ALWAYS = 0xf800;
const EXPIRATION = 0x0100;
const MESSAGE_ID = 0x0080;
/** A short string has 255 octets at most; a text of so many characters surely fits. */
const SURELY_SHORT = 85;
/** A longer body is better sent as it lies than copied beside its head. */
const COPIED_AT_MOST = 2048;

/**
 * The three frames of a message as every message of this wire has them (wire §4), in one piece: `basic.publish`, content header, body.
 * Undefined for one that has other properties, entries in its headers, an empty or long body, or a name that is too long.
 */
export function encodePublish(channel: number, publishing: Publishing, body: Buffer): Buffer | undefined {
  if (body.length === 0 || body.length > COPIED_AT_MOST || !isUsual(publishing)) return undefined;
  const { exchange, routingKey, contentType, contentEncoding, expiration, messageId } = publishing;
  const names = Buffer.byteLength(exchange) + Buffer.byteLength(routingKey);
  const strings = sizeOf(contentType) + sizeOf(contentEncoding) + sizeOf(messageId) + sizeOf(expiration);
  const size = 3 * FRAME_OVERHEAD + METHOD_FIXED + names + HEADER_FIXED + strings + body.length;
  const frames = Buffer.allocUnsafe(size);
  let at = begin(frames, 0, METHOD, channel, METHOD_FIXED + names);
  at = frames.writeUInt16BE(CLASS_BASIC, at);
  at = frames.writeUInt16BE(METHOD_PUBLISH, at);
  at = frames.writeUInt16BE(0, at);
  at = shortString(frames, at, exchange);
  at = shortString(frames, at, routingKey);
  frames[at++] = publishing.mandatory ? 1 : 0;
  frames[at++] = FRAME_END;
  at = begin(frames, at, HEADER, channel, HEADER_FIXED + strings);
  at = frames.writeUInt16BE(CLASS_BASIC, at);
  at = frames.writeUInt16BE(0, at);
  at = frames.writeUInt32BE(0, at);
  at = frames.writeUInt32BE(body.length, at);
  const flags = ALWAYS | (expiration === undefined ? 0 : EXPIRATION) | (messageId === undefined ? 0 : MESSAGE_ID);
  at = frames.writeUInt16BE(flags, at);
  at = shortString(frames, at, contentType);
  at = shortString(frames, at, contentEncoding);
  at = frames.writeUInt32BE(0, at);
  frames[at++] = publishing.deliveryMode;
  frames[at++] = publishing.priority;
  if (expiration !== undefined) at = shortString(frames, at, expiration);
  if (messageId !== undefined) at = shortString(frames, at, messageId);
  frames[at++] = FRAME_END;
  at = begin(frames, at, BODY, channel, body.length);
  at += body.copy(frames, at);
  frames[at] = FRAME_END;
  return frames;
}

/** What `isUsual` found to be there. */
interface UsualPublishing extends Publishing {
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly deliveryMode: number;
  readonly priority: number;
}

function isUsual(publishing: Publishing): publishing is UsualPublishing {
  const { contentType, contentEncoding, deliveryMode, priority, headers } = publishing;
  if (contentType === undefined || contentEncoding === undefined) return false;
  if (deliveryMode === undefined || priority === undefined) return false;
  if (publishing.correlationId !== undefined || publishing.replyTo !== undefined) return false;
  if (publishing.timestamp !== undefined || publishing.type !== undefined) return false;
  if (publishing.userId !== undefined || publishing.appId !== undefined) return false;
  if (isLong(publishing.exchange) || isLong(publishing.routingKey) || isLong(contentType)) return false;
  if (isLong(contentEncoding) || isLong(publishing.expiration) || isLong(publishing.messageId)) return false;
  for (const _ in headers) return false;
  return true;
}

function isLong(text: string | undefined): boolean {
  return text !== undefined && text.length > SURELY_SHORT;
}

function begin(frames: Buffer, at: number, type: number, channel: number, size: number): number {
  frames[at] = type;
  frames.writeUInt16BE(channel, at + 1);
  return frames.writeUInt32BE(size, at + 3);
}

/** Octets of a short string with its length. */
function sizeOf(text: string | undefined): number {
  return text === undefined ? 0 : 1 + Buffer.byteLength(text);
}

function shortString(frames: Buffer, at: number, text: string): number {
  const length = frames.write(text, at + 1);
  frames[at] = length;
  return at + 1 + length;
}
