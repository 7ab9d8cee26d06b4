import { readMessagingOptions, readNotificationOptions } from "./messaging-options.js";
import { readRabbitOptions } from "./options.js";

describe("[oslo_messaging_rabbit]", () => {
  test("defaults are Python's (wire §3.1, §14.3)", () => {
    expect(readRabbitOptions().values).toMatchObject({
      amqp_durable_queues: false,
      amqp_auto_delete: false,
      rabbit_transient_queues_ttl: 1800,
      rabbit_qos_prefetch_count: 0,
      kombu_missing_consumer_retry_timeout: 60,
      heartbeat_timeout_threshold: 60,
      rabbit_login_method: "AMQPLAIN",
      kombu_compression: undefined,
    });
  });

  test("values are read by type, as oslo.config reads them", () => {
    const { values } = readRabbitOptions({
      ssl: "Yes",
      amqp_durable_queues: "on",
      rabbit_quorum_queue: "0",
      kombu_reconnect_delay: "2.5",
      rabbit_retry_interval: " 3 ",
      ssl_ca_file: "/etc/ca.pem",
    });
    expect(values).toMatchObject({
      ssl: true,
      amqp_durable_queues: true,
      rabbit_quorum_queue: false,
      kombu_reconnect_delay: 2.5,
      rabbit_retry_interval: 3,
      ssl_ca_file: "/etc/ca.pem",
    });
  });

  test("old names are read, and yield to the new ones", () => {
    expect(readRabbitOptions({ rabbit_use_ssl: "true", kombu_reconnect_timeout: "5" }).values).toMatchObject({
      ssl: true,
      kombu_missing_consumer_retry_timeout: 5,
    });
    expect(readRabbitOptions({ ssl: "false", rabbit_use_ssl: "true" }).values.ssl).toBe(false);
    expect(readRabbitOptions({ rabbit_use_ssl: "true", ssl: "false" }).values.ssl).toBe(false);
  });

  test("the query of the URL stands over the file (wire §14.1, rule 7)", () => {
    const query = new Map([["rabbit_qos_prefetch_count", "7"]]);
    expect(readRabbitOptions({ rabbit_qos_prefetch_count: "1" }, query).values.rabbit_qos_prefetch_count).toBe(7);
  });

  test("an unknown name is reported from a file and refused in a URL (wire §14.1, rule 7)", () => {
    expect(readRabbitOptions({ rabbit_hosts: "a,b", constructor: "x" }).unknown).toEqual([
      "rabbit_hosts",
      "constructor",
    ]);
    expect(() => readRabbitOptions({}, new Map([["rabit_quorum", "1"]]))).toThrow("transport_url: query: rabit_quorum");
    const misplaced = () => readRabbitOptions({}, new Map([["hunter2@h/v", "1"]]));
    expect(misplaced).toThrow("transport_url: query:");
    expect(misplaced).not.toThrow("hunter2");
  });

  test.each([
    [{ ssl: "maybe" }, "ssl: must be true or false"],
    [{ rabbit_retry_interval: "0" }, "rabbit_retry_interval: must be 1 or more"],
    [{ rabbit_retry_interval: "1.5" }, "rabbit_retry_interval: must be a whole number"],
    [{ rabbit_qos_prefetch_count: "70000" }, "rabbit_qos_prefetch_count: must be 65535 or less"],
    [{ kombu_reconnect_delay: "NaN" }, "kombu_reconnect_delay: must be a number"],
    [{ kombu_compression: "lz4" }, "kombu_compression: must be one of gzip, "],
    [{ kombu_compression: "bz2" }, "kombu_compression: bz2 can be neither written nor read here"],
    [{ kombu_compression: "xz" }, "kombu_compression: xz can be neither written nor read here"],
    [{ rabbit_login_method: "RABBIT-CR-DEMO" }, "rabbit_login_method: RABBIT-CR-DEMO is not supported"],
    [{ rabbit_quorum_queue: "1", rabbit_ha_queues: "1" }, "rabbit_ha_queues: cannot be combined"],
    [{ rabbit_stream_fanout: "1" }, "rabbit_stream_fanout: needs rabbit_qos_prefetch_count"],
    [{ rabbit_stream_fanout: "1", rabbit_qos_prefetch_count: "1" }, "rabbit_stream_fanout: needs rabbit_transient"],
    [{ ssl: "1", ssl_key_file: "/k" }, "ssl_cert_file: must be given"],
  ])("%j is refused by name", (section, message) => {
    expect(() => readRabbitOptions(section)).toThrow(message);
  });
});

test("[DEFAULT] gives the messaging options and leaves the rest alone", () => {
  const options = readMessagingOptions({ debug: "true", rpc_thread_pool_size: "8", control_exchange: "nova" });
  expect(options).toEqual({
    transport_url: undefined,
    control_exchange: "nova",
    rpc_response_timeout: 60,
    executor_thread_pool_size: 8,
    rpc_ping_enabled: false,
  });
  expect(() => readMessagingOptions({ rpc_response_timeout: "0" })).toThrow("rpc_response_timeout");
});

test("[oslo_messaging_notifications] lists topics (wire §12)", () => {
  expect(readNotificationOptions({ topics: "notifications, audit ,", driver: "messagingv2" }).values).toMatchObject({
    topics: ["notifications", "audit"],
    driver: ["messagingv2"],
    retry: -1,
  });
});
