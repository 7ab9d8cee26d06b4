import type { RabbitMq } from "#integration/rigs/rabbitmq.js";
import type { Executor, Python } from "./oslo-peer.js";
import { debian12, newest } from "./pythons.js";

/** How both peers of a cell are set up. */
export interface Variant {
  readonly name: string;
  /** `[oslo_messaging_rabbit]`. */
  readonly options: Readonly<Record<string, string>>;
  readonly transportUrl: string;
}

const transient = { rabbit_quorum_queue: "true", rabbit_transient_quorum_queue: "true" };

/** Options that every broker serves alike, by name. */
export const plainOptions: ReadonlyMap<string, Variant["options"]> = new Map<string, Variant["options"]>([
  ["classic", {}],
  ["durable", { amqp_durable_queues: "true" }],
  ["auto-delete", { amqp_auto_delete: "true" }],
  ["quorum", { rabbit_quorum_queue: "true", rabbit_quorum_delivery_limit: "7" }],
  ["transient quorum", transient],
  ["queue manager", { ...transient, use_queue_manager: "true" }],
  ["stream fanout", { ...transient, rabbit_stream_fanout: "true", rabbit_qos_prefetch_count: "10" }],
  ["durable, compressed", { amqp_durable_queues: "true", kombu_compression: "gzip", rabbit_qos_prefetch_count: "5" }],
  ["compressed", { kombu_compression: "gzip", rabbit_qos_prefetch_count: "5" }],
  ["brotli", { kombu_compression: "brotli" }],
  ["zstd", { kombu_compression: "zstd" }],
]);

/** One kind of peer on one kind of bus. */
export interface Cell {
  readonly python: Python;
  readonly executor: Executor;
  readonly variant: string;
}

/** The variants that a broker of the rig serves, by name. */
export function variants(broker: RabbitMq): ReadonlyMap<string, Variant> {
  const { tls, transportUrl } = broker;
  if (tls === undefined) throw new Error("the broker has no TLS");
  const { authority, client } = tls.certificates;
  const secured = { ssl: "true", ssl_ca_file: authority, ssl_enforce_hostname_verification: "true" };
  const pair = { ssl_cert_file: client.certificate, ssl_key_file: client.key };
  const tlsUrl = (login: string) => `rabbit://${login}@localhost:${tls.port}/`;
  const list: Variant[] = [
    ...[...plainOptions].map(([name, options]) => ({ name, options, transportUrl })),
    { name: "TLS", options: secured, transportUrl: tlsUrl(`${broker.user}:${broker.password}`) },
    {
      name: "mutual TLS",
      options: { ...secured, ...pair, rabbit_login_method: "EXTERNAL" },
      transportUrl: tlsUrl("client:unused"),
    },
    {
      name: "TLS, first of two hosts down",
      options: secured,
      transportUrl: tlsUrl(`a:b@127.0.0.1:1,${broker.user}:${broker.password}`),
    },
    {
      name: "first of three hosts down",
      options: {},
      transportUrl: transportUrl.replace("rabbit://", `rabbit://a:b@127.0.0.1:1,c:d@127.0.0.1:2,`),
    },
  ];
  return new Map(list.map((variant) => [variant.name, variant]));
}

/** What every release knows. */
const everywhere = [
  "classic",
  "durable",
  "auto-delete",
  "quorum",
  "compressed",
  "TLS",
  "mutual TLS",
  "first of three hosts down",
];
/** What oslo.messaging has since 14.7. The queue manager leaves files behind, so it is for containers (integration/bus-containers). */
const recent = ["transient quorum", "stream fanout"];
/** What needs Python's libraries, which Debian's oslo.messaging does not bring. */
const compressed = ["brotli", "zstd"];
/** What an executor might make a difference to. */
const few = ["classic", "quorum", "mutual TLS"];

/** The short form has every kind of peer and every kind of bus once; the full form has them together. */
export function cells(form: "short" | "full"): readonly Cell[] {
  if (form === "full") {
    return [
      ...everywhere.map((variant) => ({ python: debian12, executor: "threading" as const, variant })),
      ...few.map((variant) => ({ python: debian12, executor: "eventlet" as const, variant })),
      ...[...everywhere, ...recent, ...compressed].map((variant) => ({
        python: newest,
        executor: "threading" as const,
        variant,
      })),
      ...[...few, ...recent].map((variant) => ({ python: newest, executor: "eventlet" as const, variant })),
    ];
  }
  return [
    { python: debian12, executor: "threading", variant: "classic" },
    { python: debian12, executor: "eventlet", variant: "quorum" },
    { python: newest, executor: "threading", variant: "transient quorum" },
    { python: newest, executor: "eventlet", variant: "durable, compressed" },
    { python: debian12, executor: "threading", variant: "mutual TLS" },
    { python: newest, executor: "threading", variant: "TLS, first of two hosts down" },
  ];
}
