import { jest } from "@jest/globals";
import { BusConnection } from "#bus/amqp/bus-connection.js";
import { connectionSettings } from "#bus/amqp/connection-settings.js";
import type { ConnectionState } from "#bus/amqp/connection-state.js";
import { systemClock } from "#bus/system.js";
import { readRabbitOptions } from "#bus/wire/options.js";
import { parseTransportUrl } from "#bus/wire/transport-url.js";
import { freePorts } from "../rigs/ports.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { until } from "../rigs/wait.js";
import { Records } from "./records.js";

jest.setTimeout(60_000);

let broker: RabbitMq;

beforeAll(async () => {
  const config = ["ssl_options.verify = verify_peer", "ssl_options.fail_if_no_peer_cert = false"];
  broker = await RabbitMq.start({ tls: true, config });
}, 120_000);

afterAll(async () => {
  await broker?.stop();
});

/** A connection, started, with its log and every state that it went through. */
class Watched implements AsyncDisposable {
  readonly log = new Records();
  readonly states: ConnectionState["kind"][] = [];
  readonly connection: BusConnection;

  constructor(transportUrl: string, options: Record<string, string> = {}) {
    const url = parseTransportUrl(transportUrl);
    const { values } = readRabbitOptions(options, url.query);
    const ports = { logger: this.log, clock: systemClock, random: Math.random };
    this.connection = new BusConnection(connectionSettings(url, values, "suite"), ports);
    this.connection.onState((state) => this.states.push(state.kind));
    this.connection.start();
  }

  async reached(kind: ConnectionState["kind"]): Promise<void> {
    await until(20_000, `the connection to be ${kind}`, () => this.connection.state.kind === kind);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.connection.close();
  }
}

/** `rabbit://` with this login at this port. */
function at(port: number, user = broker.user, password = broker.password, vhost = ""): string {
  return `rabbit://${user}:${password}@127.0.0.1:${port}/${vhost}`;
}

test("the first of several hosts is down: the next one serves, whatever the order", async () => {
  const [down] = await freePorts(1);
  const dead = `${broker.user}:${broker.password}@127.0.0.1:${down}`;
  const alive = `${broker.user}:${broker.password}@127.0.0.1:${broker.port}`;
  for (const hosts of [`${dead},${alive}`, `${alive},${dead}`, `${dead},${dead},${alive}`]) {
    await using watched = new Watched(`rabbit://${hosts}/`);
    const session = await watched.connection.session(AbortSignal.timeout(10_000));
    expect(session.address).toBe(`127.0.0.1:${broker.port}`);
    // No rest, which is a second, before all were tried.
    expect(watched.states).not.toContain("waiting");
  }
});

test.each(["PLAIN", "AMQPLAIN"])("logs in with %s", async (rabbit_login_method) => {
  await using watched = new Watched(broker.transportUrl, { rabbit_login_method });
  await watched.connection.session(AbortSignal.timeout(10_000));
});

test("a refused login is said once each time it is tried, more and more rarely, and names no credential", async () => {
  await using watched = new Watched(at(broker.port, "mallory", "hunter2"), { rabbit_retry_backoff: "10" });
  await until(20_000, "two refusals", () => watched.log.count(/login-refused/) === 2);
  expect(watched.connection.state).toMatchObject({ kind: "waiting" });
  expect(watched.log.lines.join("\n")).not.toMatch(/hunter2|mallory/);
  expect(JSON.stringify(watched.connection.state)).not.toMatch(/hunter2|mallory/);
});

test("a virtual host that does not exist is named as the trouble", async () => {
  await using watched = new Watched(at(broker.port, broker.user, broker.password, "nowhere"));
  await watched.reached("waiting");
  expect(watched.log.count(/virtual host/)).toBeGreaterThan(0);
});

test("whoever waits for a session hears of the end of his patience, and of the connection's", async () => {
  const [down] = await freePorts(1);
  const watched = new Watched(at(down!));
  await expect(watched.connection.session(AbortSignal.timeout(50))).rejects.toThrow(/timeout/i);
  const waiting = watched.connection.session(new AbortController().signal);
  const refused = expect(waiting).rejects.toThrow("closed");
  await watched.connection.close();
  await refused;
  expect(watched.connection.state.kind).toBe("closed");
});

describe("TLS (wire §14.2)", () => {
  const secured = (options: Record<string, string>): Watched =>
    new Watched(at(broker.tls!.port), { ssl: "true", ...options });

  test("a broker whose certificate the authority vouches for is trusted", async () => {
    await using watched = secured({ ssl_ca_file: broker.tls!.certificates.authority });
    await watched.connection.session(AbortSignal.timeout(10_000));
  });

  test("without an authority of the operator's the system's decide, which do not know this one", async () => {
    await using watched = secured({});
    await watched.reached("waiting");
    expect(watched.log.count(/kind: 'tls'/)).toBeGreaterThan(0);
  });

  test("a client certificate is shown", async () => {
    const { authority, client } = broker.tls!.certificates;
    await using watched = secured({
      ssl_ca_file: authority,
      ssl_cert_file: client.certificate,
      ssl_key_file: client.key,
      ssl_version: "TLSv1_2",
    });
    await watched.connection.session(AbortSignal.timeout(10_000));
    const shown = await broker.rabbitmqctl("list_connections", "peer_cert_subject", "ssl_protocol");
    expect(shown).toMatch(/client\s+tlsv1\.2/);
  });

  test("the host's name is checked if asked, and not otherwise", async () => {
    // Another spelling of 127.0.0.1, which the certificate does not name.
    const elsewhere = at(broker.tls!.port).replace("127.0.0.1", "127.1");
    const options = { ssl: "true", ssl_ca_file: broker.tls!.certificates.authority };
    await using strict = new Watched(elsewhere, { ...options, ssl_enforce_hostname_verification: "true" });
    await strict.reached("waiting");
    expect(strict.log.count(/ALTNAME.*kind: 'tls'/)).toBeGreaterThan(0);
    await using lenient = new Watched(elsewhere, { ...options, ssl_enforce_hostname_verification: "false" });
    await lenient.connection.session(AbortSignal.timeout(10_000));
  });

  test("a file that is missing, or is something else, is refused by its option's name", () => {
    expect(() => secured({ ssl_ca_file: "/nonexistent/ca.pem" })).toThrow(/^ssl_ca_file: .*\/nonexistent\/ca\.pem/);
    expect(() => secured({ ssl_ca_file: "/dev/null" })).toThrow("ssl_ca_file: /dev/null holds no PEM block");
  });
});
