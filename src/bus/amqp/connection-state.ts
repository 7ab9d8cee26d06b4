/** What a connection to the broker is doing, for health and for the log. `since` is milliseconds since the epoch. */
export type ConnectionState =
  | { readonly kind: "connecting"; readonly since: number }
  | { readonly kind: "connected"; readonly since: number; readonly address: string }
  /** Connected, but the broker takes no message for now (an alarm); `reason` is the broker's word. */
  | { readonly kind: "blocked"; readonly since: number; readonly address: string; readonly reason: string }
  | { readonly kind: "waiting"; readonly since: number; readonly reason: string; readonly retryInMs: number }
  | { readonly kind: "closed"; readonly since: number };
