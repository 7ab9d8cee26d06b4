/**
 * A message that cannot be read: reject it without requeue, log the reason, answer nothing (wire §5.2, §10).
 * The message says what is wrong, never what the body held: bodies carry secrets.
 */
export class UndecodableMessage extends Error {
  override readonly name = "UndecodableMessage";
}
