import { GenericContainer, type StartedNetwork, type StartedTestContainer } from "testcontainers";
import type { Python } from "../bus/oslo-peer.js";
import type { DebianRelease, Docker } from "../rigs/docker.js";

/** A container with the oslo.messaging of a Debian release, in which peers are started one by one. */
export class OsloContainer implements AsyncDisposable {
  private constructor(
    private readonly container: StartedTestContainer,
    private readonly docker: Docker,
  ) {}

  /** @param network where it reaches the broker */
  static async start(docker: Docker, release: DebianRelease, network: StartedNetwork): Promise<OsloContainer> {
    const image = await docker.onDebian(release, "configdrive-oslo-peer", "integration/bus/peers");
    return new OsloContainer(await new GenericContainer(image).withNetwork(network).start(), docker);
  }

  /** The Python in the container. */
  get python(): Python {
    const command = ["exec", "-i", this.container.getId(), "python3", "/peers/peer.py"] as const;
    return { name: "Debian 13", command: ["docker", ...command] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.docker.command("rm", "--force", "--volumes", this.container.getId());
  }
}
