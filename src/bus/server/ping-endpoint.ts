import type { Endpoint } from "./endpoint.js";

/** What operators ask of a server to see whether it lives; served with `rpc_ping_enabled` (wire §5.5). */
export const pingEndpoint: Endpoint = {
  version: "1.0",
  methods: new Map([["oslo_rpc_server_ping", async () => "pong"]]),
};
