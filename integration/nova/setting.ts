import type { ComputeHost, NovaCloud } from "../rigs/nova-cloud.js";

/** What the cases run on: a cloud whose compute host has our service and our driver. */
export interface Setting {
  readonly cloud: NovaCloud;
  readonly host: ComputeHost;
}
