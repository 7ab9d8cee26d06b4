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
const plainOptions: ReadonlyMap<string, Variant["options"]> = new Map<string, Variant["options"]>([
  ["classic", {}],
  ["durable", { amqp_durable_queues: "true" }],
  ["auto-delete", { amqp_auto_delete: "true" }],
  ["quorum", { rabbit_quorum_queue: "true", rabbit_quorum_delivery_limit: "7" }],
  ["transient quorum", transient],
  ["queue manager", { ...transient, use_queue_manager: "true" }],
  ["stream fanout", { ...transient, rabbit_stream_fanout: "true", rabbit_qos_prefetch_count: "10" }],
  ["compressed", { kombu_compression: "gzip", rabbit_qos_prefetch_count: "5" }],
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
      name: "first of three hosts down",
      options: {},
      transportUrl: transportUrl.replace("rabbit://", `rabbit://a:b@127.0.0.1:1,c:d@127.0.0.1:2,`),
    },
  ];
  return new Map(list.map((variant) => [variant.name, variant]));
}

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
/** Options that oslo.messaging has since 14.7. The queue manager leaves files behind, so it is for containers. */
const recent = ["transient quorum", "stream fanout"];

/** The short form has every variant and every kind of peer once; the full form has all of them together. */
export function cells(form: "short" | "full"): readonly Cell[] {
  if (form === "full") {
    return (["threading", "eventlet"] as const).flatMap((executor) => [
      ...everywhere.map((variant) => ({ python: debian12, executor, variant })),
      ...[...everywhere, ...recent].map((variant) => ({ python: newest, executor, variant })),
    ]);
  }
  return [
    { python: debian12, executor: "threading", variant: "classic" },
    { python: debian12, executor: "eventlet", variant: "quorum" },
    { python: newest, executor: "threading", variant: "transient quorum" },
    { python: newest, executor: "eventlet", variant: "compressed" },
    { python: newest, executor: "threading", variant: "stream fanout" },
    { python: debian12, executor: "threading", variant: "mutual TLS" },
    { python: debian12, executor: "threading", variant: "durable" },
  ];
}

/** The cells of Debian 13: its Python and its broker. */
export const debian13Cells: readonly { executor: Executor; variant: string; options: Variant["options"] }[] = [
  { executor: "threading", variant: "classic" },
  { executor: "eventlet", variant: "durable" },
  { executor: "threading", variant: "quorum" },
  { executor: "eventlet", variant: "transient quorum" },
  { executor: "threading", variant: "queue manager" },
  { executor: "threading", variant: "stream fanout" },
].map(({ executor, variant }) => ({
  executor: executor === "eventlet" ? "eventlet" : "threading",
  variant,
  options: plainOptions.get(variant) ?? {},
}));
