import { isUtf8 } from "node:buffer";
import { UndecodableMessage } from "./undecodable.js";

/** What every peer says, and what a message without `content_encoding` is. */
const utf8 = /^utf-?8$/i;

/**
 * The text of a body. A `content_encoding` that can be undone is undone; one that cannot, unknown or untrue, is passed over and
 * the body read as UTF-8, as Python's client library does.
 * @param encoding the message's `content_encoding`, of any type
 * @throws UndecodableMessage
 */
export function bodyText(body: Buffer, encoding: unknown): string {
  if (typeof encoding === "string" && !utf8.test(encoding)) {
    const text = decoded(body, encoding);
    if (text !== undefined) return text;
  }
  if (!isUtf8(body)) throw new UndecodableMessage("body is not UTF-8");
  return body.toString("utf8");
}

function decoded(body: Buffer, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
