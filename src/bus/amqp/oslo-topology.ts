import type { RabbitOptions } from "../wire/options.js";
import type { ExchangeDeclaration, QueueDeclaration } from "./topology.js";

/** The exchange through which a service's requests and notifications are routed (wire §3). */
export function controlExchange(name: string, options: RabbitOptions): ExchangeDeclaration {
  return { name, type: "topic", durable: isDurable(options), autoDelete: options.amqp_auto_delete };
}

/** The exchange that copies to all servers of a topic. Its name carries no control exchange, and only transient quorum makes it durable. */
export function fanoutExchange(topic: string, options: RabbitOptions): ExchangeDeclaration {
  return {
    name: `${topic}_fanout`,
    type: "fanout",
    durable: options.rabbit_transient_quorum_queue,
    autoDelete: true,
  };
}

/** A queue named like the key it is bound with: `<topic>`, `<topic>.<server>`, or a notification queue `<topic>.<priority>`. */
export function sharedQueue(name: string, exchange: ExchangeDeclaration, options: RabbitOptions): QueueDeclaration {
  return {
    name,
    durable: isDurable(options),
    autoDelete: options.amqp_auto_delete,
    arguments: sharedQueueArguments(options),
    bindings: [{ exchange, routingKey: name }],
  };
}

/**
 * One server's own copy of what is sent to all servers of a topic; with `rabbit_stream_fanout` one stream for all of them.
 * @param suffix 32 hexadecimal digits, or `host:process:number` from the queue manager
 */
export function fanoutQueue(topic: string, suffix: string, options: RabbitOptions): QueueDeclaration {
  const exchange = fanoutExchange(topic, options);
  const bindings = [{ exchange, routingKey: topic }];
  if (!options.rabbit_stream_fanout) return { ...transientQueue(`${exchange.name}_${suffix}`, options), bindings };
  const maxAge = `${options.rabbit_transient_queues_ttl}s`;
  const stream = { "x-queue-type": "stream", "x-max-age": maxAge };
  return { name: exchange.name, durable: true, autoDelete: false, arguments: stream, bindings };
}

/** The queue on which a process awaits the replies to its calls; reached through the default exchange. */
export function replyQueue(suffix: string, options: RabbitOptions): QueueDeclaration {
  return transientQueue(`reply_${suffix}`, options);
}

/** A queue that belongs to one process, outlives its connection so that it can be resumed, and expires when nobody comes back. */
function transientQueue(name: string, options: RabbitOptions): QueueDeclaration {
  const { rabbit_transient_queues_ttl: ttl, rabbit_transient_quorum_queue: quorum } = options;
  return {
    name,
    durable: quorum,
    autoDelete: false,
    arguments: {
      ...(quorum ? { "x-queue-type": "quorum" } : {}),
      ...(ttl > 0 ? { "x-expires": ttl * 1000 } : {}),
    },
    bindings: [],
  };
}

/** Arguments of every `basic.consume` (wire §2). */
export function consumeArguments(options: RabbitOptions): Record<string, boolean> {
  return options.enable_cancel_on_failover ? { "x-cancel-on-ha-failover": true } : {};
}

function isDurable(options: RabbitOptions): boolean {
  return options.amqp_durable_queues || options.rabbit_quorum_queue;
}

function sharedQueueArguments(options: RabbitOptions): QueueDeclaration["arguments"] {
  if (!options.rabbit_quorum_queue) return options.rabbit_ha_queues ? { "x-ha-policy": "all" } : {};
  const {
    rabbit_quorum_delivery_limit: deliveries,
    rabbit_quorum_max_memory_length: length,
    rabbit_quorum_max_memory_bytes: bytes,
  } = options;
  return {
    "x-queue-type": "quorum",
    ...(deliveries > 0 ? { "x-delivery-limit": deliveries } : {}),
    ...(length > 0 ? { "x-max-in-memory-length": length } : {}),
    ...(bytes > 0 ? { "x-max-in-memory-bytes": bytes } : {}),
  };
}
