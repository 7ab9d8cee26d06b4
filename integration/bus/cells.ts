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
  const transient = { rabbit_quorum_queue: "true", rabbit_transient_quorum_queue: "true" };
  const list: Variant[] = [
    { name: "classic", options: {}, transportUrl },
    { name: "durable", options: { amqp_durable_queues: "true" }, transportUrl },
    { name: "auto-delete", options: { amqp_auto_delete: "true" }, transportUrl },
    { name: "quorum", options: { rabbit_quorum_queue: "true", rabbit_quorum_delivery_limit: "7" }, transportUrl },
    { name: "transient quorum", options: transient, transportUrl },
    { name: "queue manager", options: { ...transient, use_queue_manager: "true" }, transportUrl },
    {
      name: "stream fanout",
      options: { ...transient, rabbit_stream_fanout: "true", rabbit_qos_prefetch_count: "10" },
      transportUrl,
    },
    { name: "compressed", options: { kombu_compression: "gzip", rabbit_qos_prefetch_count: "5" }, transportUrl },
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
/** Options that oslo.messaging has since 14.7. */
const recent = ["transient quorum", "queue manager", "stream fanout"];

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
