/** No answer within the time the caller gave: the server may be away, busy, or still at it. */
export class CallTimeout extends Error {
  override readonly name = "CallTimeout";
  /** @param waitedFor what did not come, and from whom */
  constructor(
    waitedFor: string,
    readonly milliseconds: number,
  ) {
    super(`${waitedFor} within ${milliseconds / 1000} s`);
  }
}

/** No queue takes the message, and the caller asked to be told (`mandatory`): nobody serves the topic, or not that server. */
export class Undeliverable extends Error {
  override readonly name = "Undeliverable";
  constructor(target: string) {
    super(`nobody serves ${target}`);
  }
}

/** The request needs a newer server than the client may assume; nothing was sent (wire §5.3). */
export class VersionCapExceeded extends Error {
  override readonly name = "VersionCapExceeded";
  constructor(
    readonly version: string | undefined,
    readonly cap: string,
  ) {
    super(`requests of version ${version ?? "none"} are not allowed: the version cap is ${cap}`);
  }
}

/** The client was closed before the reply came. */
export class ClientClosed extends Error {
  override readonly name = "ClientClosed";
  constructor() {
    super("the RPC client is closed");
  }
}
