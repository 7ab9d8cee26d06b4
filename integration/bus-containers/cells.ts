import { plainOptions, type Variant } from "../bus/cells.js";
import type { FaultName } from "../bus/faults.js";
import type { Executor } from "../bus/oslo-peer.js";
import type { DebianRelease } from "../rigs/docker.js";

/** Which Python: Debian 13's in its container, or one of this machine. */
export type Who = "Debian 12" | "Debian 13" | "newest";

/** One kind of peer on one kind of bus. */
export interface Cell {
  readonly who: Who;
  readonly executor: Executor;
  readonly variant: string;
}

const short: Readonly<Record<DebianRelease, readonly Cell[]>> = {
  bookworm: [{ who: "Debian 12", executor: "threading", variant: "quorum" }],
  trixie: [
    { who: "Debian 13", executor: "threading", variant: "queue manager" },
    { who: "Debian 13", executor: "eventlet", variant: "quorum" },
  ],
};

const full: Readonly<Record<DebianRelease, readonly Cell[]>> = {
  bookworm: [
    { who: "Debian 12", executor: "threading", variant: "classic" },
    { who: "Debian 12", executor: "eventlet", variant: "quorum" },
    { who: "Debian 13", executor: "threading", variant: "transient quorum" },
    { who: "newest", executor: "threading", variant: "durable" },
  ],
  trixie: [
    { who: "Debian 13", executor: "threading", variant: "classic" },
    { who: "Debian 13", executor: "eventlet", variant: "durable" },
    { who: "Debian 13", executor: "threading", variant: "quorum" },
    { who: "Debian 13", executor: "eventlet", variant: "transient quorum" },
    { who: "Debian 13", executor: "threading", variant: "queue manager" },
    { who: "Debian 13", executor: "threading", variant: "stream fanout" },
    { who: "Debian 12", executor: "threading", variant: "quorum" },
    { who: "newest", executor: "threading", variant: "quorum" },
  ],
};

/** Who meets us on the broker of a release. */
export function cells(release: DebianRelease, form: "short" | "full"): readonly Cell[] {
  return (form === "full" ? full : short)[release];
}

/** What `[oslo_messaging_rabbit]` has for a variant. */
export function optionsOf(variant: string): Variant["options"] {
  const options = plainOptions.get(variant);
  if (options === undefined) throw new Error(`no variant ${variant}`);
  return options;
}

/** On which queues the faults run: in the short form the two brokers share the work. */
export function queueKinds(release: DebianRelease, form: "short" | "full"): readonly string[] {
  if (form === "full") return ["durable", "quorum"];
  return [release === "bookworm" ? "durable" : "quorum"];
}

/** What `make test` does in its short form to a broker on this machine, and a container makes no difference to. */
export const elsewhere: readonly FaultName[] = [
  "the broker's application stops and starts",
  "the network forgets the connections without a word: AMQP heartbeats notice",
];
