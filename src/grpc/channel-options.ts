import type { ChannelOptions } from "@grpc/grpc-js";

/**
 * How a client keeps its connection: one that died unseen is noticed, for a watch may hear nothing for hours, and a service that comes
 * back is found again soon.
 */
export const CHANNEL_OPTIONS: ChannelOptions = {
  "grpc.keepalive_time_ms": 60_000,
  "grpc.keepalive_timeout_ms": 20_000,
  "grpc.initial_reconnect_backoff_ms": 200,
  "grpc.max_reconnect_backoff_ms": 5000,
};
