import { randomBytes } from "node:crypto";
import { connect } from "amqplib";
import { GenericContainer, type StartedNetwork, type StartedTestContainer, Wait } from "testcontainers";
import type { Broker } from "./broker.js";
import type { DebianRelease, Docker } from "./docker.js";
import { freePort } from "./ports.js";
import { until } from "./wait.js";

/** How containers of the same network name the broker. */
const ALIAS = "broker";

/** What a node in a container may be told. */
export interface RabbitMqContainerOptions {
  /** Where other containers reach it; without one it is on Docker's own network. */
  readonly network?: StartedNetwork;
}

/**
 * RabbitMQ of a Debian release in a container of this machine's Docker. Its port, here at 127.0.0.1, stays the same for as long as the container is there.
 *
 *     await using docker = await Docker.start();
 *     await using broker = await RabbitMqContainer.start(docker, "trixie");
 */
export class RabbitMqContainer implements Broker, AsyncDisposable {
  private constructor(
    private readonly docker: Docker,
    private readonly container: StartedTestContainer,
    private readonly network: StartedNetwork | undefined,
    readonly port: number,
    private readonly password: string,
  ) {}

  /** Makes the image where it is missing, and starts a node; it accepts connections when this ends. */
  static async start(
    docker: Docker,
    release: DebianRelease,
    { network }: RabbitMqContainerOptions = {},
  ): Promise<RabbitMqContainer> {
    const image = await docker.onDebian(release, "configdrive-rabbitmq", "integration/rigs/rabbitmq-image");
    const password = randomBytes(12).toString("hex");
    const port = await freePort();
    const plan = new GenericContainer(image)
      .withEnvironment({ RABBIT_PASSWORD: password })
      .withExposedPorts({ container: 5672, host: port })
      .withWaitStrategy(Wait.forLogMessage(/Server startup complete/))
      .withStartupTimeout(180_000);
    if (network !== undefined) plan.withNetwork(network).withNetworkAliases(ALIAS);
    const container = await plan.start();
    const broker = new RabbitMqContainer(docker, container, network, port, password);
    try {
      await broker.#accepting();
      return broker;
    } catch (error) {
      await broker[Symbol.asyncDispose]();
      throw error;
    }
  }

  get transportUrl(): string {
    return `rabbit://openstack:${this.password}@127.0.0.1:${this.port}/`;
  }

  /** The broker as other containers of its network reach it. */
  get insideUrl(): string {
    return `rabbit://openstack:${this.password}@${ALIAS}:5672/`;
  }

  async rabbitmqctl(...args: string[]): Promise<string> {
    const { stdout, output, exitCode } = await this.container.exec(["rabbitmqctl", "--quiet", ...args]);
    if (exitCode !== 0) throw new Error(`rabbitmqctl ${args[0]} ended with ${exitCode}: ${output}`);
    return stdout;
  }

  async restart(): Promise<void> {
    await this.docker.command("restart", this.container.getId());
    await this.#accepting();
  }

  async kill(): Promise<void> {
    await this.docker.command("kill", this.container.getId());
  }

  async start(): Promise<void> {
    await this.docker.command("start", this.container.getId());
    await this.#accepting();
  }

  async pause(): Promise<void> {
    await this.docker.command("pause", this.container.getId());
  }

  async resume(): Promise<void> {
    await this.docker.command("unpause", this.container.getId());
  }

  /**
   * Takes the node off its network: this machine's connections end and new ones are refused, while the node itself hears nothing and
   * holds its connections for alive.
   */
  async disconnect(): Promise<void> {
    await this.docker.command("network", "disconnect", this.#networkId(), this.container.getId());
  }

  /** Puts the node back on its network, at the same port of this machine. */
  async reconnect(): Promise<void> {
    const { docker, container } = this;
    await docker.command("network", "connect", "--alias", ALIAS, this.#networkId(), container.getId());
    await this.#accepting();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A paused container cannot be stopped; nothing of its data is needed any more.
    await this.docker.command("rm", "--force", "--volumes", this.container.getId());
  }

  #networkId(): string {
    if (this.network === undefined) throw new Error("the broker was started without a network of its own");
    return this.network.getId();
  }

  /** The port is open as soon as Docker relays it, so only a whole handshake tells that the node is there. */
  async #accepting(): Promise<void> {
    const url = this.transportUrl.replace("rabbit://", "amqp://").replace(/\/$/, "/%2F");
    await until(120_000, "RabbitMQ in its container to accept a connection", async () => {
      const connection = await connect(url, { timeout: 5000 }).catch(() => undefined);
      await connection?.close();
      return connection !== undefined;
    });
  }
}
