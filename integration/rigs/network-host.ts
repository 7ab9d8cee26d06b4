import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);
const NAME = /^cd-(\d+)-\d+$/;
let made = 0;

/**
 * A network namespace of its own (ip-netns(8)), linked to this machine by one pair of virtual interfaces: a host whose network
 * can be cut. Files, unix sockets and processes are this machine's. Needs root and the package iproute2.
 */
export class NetworkHost implements AsyncDisposable {
  private constructor(
    readonly name: string,
    /** Our end of the link. */
    private readonly link: string,
    /** This machine, as the host reaches it. */
    readonly gateway: string,
    /** The host, as this machine reaches it. */
    readonly address: string,
  ) {}

  /** Makes one. What a killed process left of its own is removed first. */
  static async make(): Promise<NetworkHost> {
    await removeOrphans();
    const name = `cd-${process.pid}-${made++}`;
    const link = `cd${randomInt(2 ** 40).toString(36)}`;
    // From the range for measurements between networks, which no real network has (RFC 2544, 198.18.0.0/15).
    const net = `198.18.${randomInt(256)}.${randomInt(64) * 4}`;
    const [gateway, address] = [1, 2].map((last) => net.replace(/\d+$/, (host) => String(Number(host) + last)));
    const host = new NetworkHost(name, link, gateway ?? "", address ?? "");
    await ip("netns", "add", name);
    try {
      await ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name);
      await ip("addr", "add", `${gateway}/30`, "dev", link);
      await ip("link", "set", link, "up");
      await host.#inside("addr", "add", `${address}/30`, "dev", "eth0");
      await host.#inside("link", "set", "eth0", "up");
      await host.#inside("link", "set", "lo", "up");
      return host;
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What has to stand before a program and its arguments for it to run on this host. */
  get within(): readonly string[] {
    return ["ip", "netns", "exec", this.name];
  }

  /** Takes the link down: nothing passes, and both ends can know it. */
  async cut(): Promise<void> {
    await ip("link", "set", this.link, "down");
  }

  /**
   * What this machine sends reaches nobody any more, and nobody is told (the neighbour's address is a wrong one); what the host
   * sends arrives: connections are open to one side and dead to the other.
   */
  async deafen(): Promise<void> {
    await ip("neigh", "replace", this.address, "lladdr", "02:00:00:00:00:01", "dev", this.link, "nud", "permanent");
  }

  /** All is as it was. */
  async mend(): Promise<void> {
    await ip("link", "set", this.link, "up");
    await ip("neigh", "flush", "dev", this.link, "nud", "permanent");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await ip("netns", "del", this.name);
  }

  #inside(...args: string[]): Promise<void> {
    return ip("-netns", this.name, ...args);
  }
}

async function ip(...args: string[]): Promise<void> {
  await run("ip", args, { timeout: 10_000 });
}

async function removeOrphans(): Promise<void> {
  const { stdout } = await run("ip", ["netns", "list"], { timeout: 10_000 });
  for (const [name = ""] of stdout.split("\n").map((line) => line.split(" "))) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await ip("netns", "del", name).catch(() => undefined);
  }
}
