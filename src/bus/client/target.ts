/** Whom a request is for. */
export interface RpcTarget {
  /** Control exchange of the service: `nova`, `configdrive`, … */
  readonly exchange: string;
  readonly topic: string;
  /** One server of the topic; without it any one takes the request. */
  readonly server?: string | undefined;
  /** `""` is a namespace of its own, not the same as none. */
  readonly namespace?: string | undefined;
  /** `major.minor` that the method needs; none is 1.0 to the server. */
  readonly version?: string | undefined;
}

/** The routing key of a request that is not a fanout (wire §5.3). */
export function routingKey(target: RpcTarget): string {
  return target.server === undefined ? target.topic : `${target.topic}.${target.server}`;
}

/** The target as a log line or an error names it. */
export function describeTarget(target: RpcTarget): string {
  return `${routingKey(target)} on exchange ${target.exchange}`;
}
