/** `basic.ack`: class 60, method 80 (AMQP 0-9-1 §1.8.3.13). */
export const BASIC_ACK = 0x003c_0050;

/** What is acknowledged: one delivery, or all up to it. */
export interface Acknowledgement {
  readonly deliveryTag: number;
  readonly multiple: boolean;
}

/** Octets of the frame's payload: class and method, the tag, one octet of bits. */
const PAYLOAD = 4 + 8 + 1;
const METHOD_FRAME = 1;
const FRAME_END = 0xce;
const HIGH = 2 ** 32;

/** The frame of an acknowledgement (AMQP 0-9-1 §4.2.3). */
export function encodeAck(channel: number, { deliveryTag, multiple }: Acknowledgement): Buffer {
  const frame = Buffer.allocUnsafe(7 + PAYLOAD + 1);
  frame[0] = METHOD_FRAME;
  let at = frame.writeUInt16BE(channel, 1);
  at = frame.writeUInt32BE(PAYLOAD, at);
  at = frame.writeUInt32BE(BASIC_ACK, at);
  at = frame.writeUInt32BE(Math.floor(deliveryTag / HIGH), at);
  at = frame.writeUInt32BE(deliveryTag % HIGH, at);
  frame[at] = multiple ? 1 : 0;
  frame[at + 1] = FRAME_END;
  return frame;
}
