/** Who vouches for the service, and what we show it. PEM. */
export interface TlsOptions {
  readonly ca: string | Uint8Array;
  /** Our certificate, and its key: both or neither. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
}

/** How a service is reached, and what every call to it has in common. */
export interface ConnectOptions {
  /** As gRPC dials it: `unix:/run/configdrive/grpc.sock` or `controller:50051`. */
  readonly target: string;
  /** For a service on another machine. */
  readonly tls?: TlsOptions;
  /** Of Keystone; a function is asked before each try, so that a token that ends is replaced. */
  readonly token?: string | (() => string | Promise<string>);
  /** Whose drives the calls are about. */
  readonly projectId?: string;
  /** How long a call may take with all its tries, in milliseconds; 60,000 if not given. */
  readonly timeoutMs?: number;
  /** Whether what the service says may succeed later is tried again until then; true if not given. */
  readonly retry?: boolean;
}

/** How one call is made, where it differs from the others. */
export interface CallOptions {
  /** When to stop waiting. What was begun goes on, and the same request id rejoins it. */
  readonly deadline?: Date;
  /** The same as time from now, in milliseconds. */
  readonly timeoutMs?: number;
  /** Ends the wait; the call throws the signal's reason. */
  readonly signal?: AbortSignal;
  readonly projectId?: string;
  readonly retry?: boolean;
  /** `req-` and a UUID: what the service's log calls it; a new one if not given. */
  readonly openstackRequestId?: string;
}
