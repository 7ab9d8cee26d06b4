import type { RpcTarget } from "#bus/client/target.js";
import type { OsloPeer } from "./oslo-peer.js";
import type { Ours } from "./ours.js";

/** What the tests of one cell work with: a Python peer and ours on one bus. */
export interface Meeting {
  readonly ours: Ours;
  readonly peer: OsloPeer;
  /** Where the Python peer serves; its exchange is the peer's control exchange. */
  readonly target: RpcTarget & { readonly server: string };
}
