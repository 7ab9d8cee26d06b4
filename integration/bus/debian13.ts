import { randomBytes } from "node:crypto";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import { Docker } from "../rigs/docker.js";
import type { Python } from "./oslo-peer.js";

const tag = "configdrive-bus-debian13";

/** RabbitMQ 4.0 and oslo.messaging 16.1 in a container made of Debian 13. */
export class Debian13 implements AsyncDisposable {
  private constructor(
    private readonly docker: Docker,
    private readonly container: StartedTestContainer,
    private readonly password: string,
  ) {}

  static async start(): Promise<Debian13> {
    // There is no image registry to take its helper container from; we stop what we start.
    process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
    const docker = await Docker.start();
    try {
      await docker.debian("trixie");
      await docker.build("integration/bus", "integration/bus/debian13/Dockerfile", tag);
      const password = randomBytes(12).toString("hex");
      const container = await new GenericContainer(tag)
        .withEnvironment({ RABBIT_PASSWORD: password })
        .withExposedPorts(5672)
        .withWaitStrategy(Wait.forLogMessage(/Server startup complete/))
        .withStartupTimeout(120_000)
        .start();
      return new Debian13(docker, container, password);
    } catch (error) {
      await docker[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The Python in the container. */
  get python(): Python {
    return {
      name: "Debian 13",
      command: ["docker", "exec", "-i", this.container.getId(), "python3", "/peers/peer.py"],
    };
  }

  /** Version of its RabbitMQ. */
  async brokerVersion(): Promise<string> {
    const { output } = await this.container.exec(["rabbitmqctl", "version"]);
    return output.trim();
  }

  /** The broker as the Python in the container reaches it. */
  get inside(): string {
    return `rabbit://openstack:${this.password}@127.0.0.1:5672/`;
  }

  /** The broker as we reach it. */
  get outside(): string {
    return `rabbit://openstack:${this.password}@${this.container.getHost()}:${this.container.getMappedPort(5672)}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.container.stop();
    await this.docker[Symbol.asyncDispose]();
  }
}
