import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GenericContainer, type StartedTestContainer } from "testcontainers";
import type { Endpoint } from "#adapters/libvirt/dial.js";
import { makeCertificates } from "./certificates.js";
import type { DebianRelease, Docker } from "./docker.js";
import { guestImage } from "./guest-image.js";
import type { GuestSurroundings } from "./libvirt-guest.js";
import { LibvirtHost } from "./libvirt-host.js";
import { freePort } from "./ports.js";
import { privateDirectory } from "./private-directory.js";
import { haveStopped } from "./stand-still.js";
import { until } from "./wait.js";

const [TCP, TLS] = [16_509, 16_514];
/** Where the container has the guest's kernel and initramfs. */
const GUEST = "/guest";
const PID_FILE = "/run/libvirtd.pid";
const driver = "qemu:///system";

/** A host of its own with the libvirt and the QEMU of a Debian release: it shares no folder with us. */
export class LibvirtContainer extends LibvirtHost implements AsyncDisposable, GuestSurroundings {
  private constructor(
    private readonly container: StartedTestContainer,
    private readonly directory: string,
    /** The bridge's address on this machine, at which the container reaches us. */
    private readonly gateway: string,
    readonly image: GuestSurroundings["image"],
    readonly tcp: Endpoint,
    readonly tls: Endpoint,
    /** With a certificate that the daemon does not believe. */
    readonly stranger: Endpoint,
  ) {
    super(tcp);
  }

  /** A folder of the container for a storage pool. */
  readonly pool = "/var/lib/libvirt/drives";
  readonly consoles = "/var/lib/libvirt";
  readonly logs = "/var/log/libvirt/qemu";

  static async start(docker: Docker, release: DebianRelease): Promise<LibvirtContainer> {
    const tag = await docker.onDebian(release, "configdrive-libvirt", "integration/rigs/libvirt-container");
    const image = await guestImage();
    const directory = await privateDirectory("libvirt-container");
    const [pki, otherPki] = [join(directory, "pki"), join(directory, "other-pki")];
    let container: StartedTestContainer | undefined;
    try {
      await mkdir(pki);
      await mkdir(otherPki);
      const { authority, client } = await makeCertificates(pki);
      const { client: stranger } = await makeCertificates(otherPki);
      container = await new GenericContainer(tag)
        .withCopyDirectoriesToContainer([
          { source: pki, target: "/pki" },
          { source: dirname(image.kernel), target: GUEST },
        ])
        .withExposedPorts(TCP, TLS)
        .withStartupTimeout(120_000)
        .start();
      const host = "localhost";
      const tlsUri = { transport: "tls", host, port: container.getMappedPort(TLS), driver } as const;
      const gateway = await docker.command(
        ...["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}", container.getId()],
      );
      const self = new LibvirtContainer(
        container,
        directory,
        gateway.trim(),
        { ...image, kernel: join(GUEST, "vmlinuz"), initramfs: join(GUEST, "initramfs") },
        { uri: { transport: "tcp", host: "127.0.0.1", port: container.getMappedPort(TCP), driver } },
        { uri: tlsUri, tls: { authority, ...client } },
        { uri: tlsUri, tls: { authority, ...stranger } },
      );
      await self.answering();
      return self;
    } catch (error) {
      await container?.stop();
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Guests call over the bridge. */
  async channel(): Promise<{ at: { host: string; port: number }; xml: string }> {
    const at = { host: this.gateway, port: await freePort() };
    const source = `<source mode="connect" host="${at.host}" service="${at.port}"/>`;
    return { at, xml: `<channel type="tcp">${source}<protocol type="raw"/>` };
  }

  async tail(path: string, bytes: number): Promise<string> {
    const { exitCode, output } = await this.container.exec(["tail", "-c", String(bytes), path]);
    return exitCode === 0 ? output : "";
  }

  /** The version of its QEMU. */
  async qemuVersion(): Promise<string> {
    const { output } = await this.container.exec(["qemu-system-x86_64", "--version"]);
    return /version ([0-9.]+)/.exec(output)?.[1] ?? output.trim();
  }

  /** The files in the pool's folder. */
  async files(): Promise<string[]> {
    const { output } = await this.container.exec(["ls", this.pool]);
    return output.split("\n").filter((line) => line !== "");
  }

  /** Ends the daemon and waits for the next one; guests go on. */
  async restart(): Promise<void> {
    const before = await this.daemonPid();
    await this.signal("KILL");
    await until(20_000, "the next libvirt daemon", async () => (await this.daemonPid()) !== before);
    await this.answering();
  }

  /** The daemon stands still (SIGSTOP) until this is disposed. */
  async hang(): Promise<AsyncDisposable> {
    await this.signal("STOP");
    await until(60_000, "libvirtd to stand still", async () => {
      const { output } = await this.container.exec(["sh", "-c", `cat /proc/$(cat ${PID_FILE})/task/*/stat`]);
      return haveStopped(output.trim().split("\n"));
    });
    return { [Symbol.asyncDispose]: () => this.signal("CONT") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.container.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async signal(signal: "KILL" | "STOP" | "CONT"): Promise<void> {
    const { exitCode, output } = await this.container.exec(["sh", "-c", `kill -${signal} $(cat ${PID_FILE})`]);
    if (exitCode !== 0) throw new Error(`SIG${signal} to libvirtd: ${output}`);
  }

  private async daemonPid(): Promise<string> {
    const { output } = await this.container.exec(["cat", PID_FILE]);
    return output.trim();
  }

  private async answering(): Promise<void> {
    await until(60_000, "libvirt in the container to answer", async () => {
      try {
        await using _connection = await this.connect();
        return true;
      } catch {
        return false;
      }
    });
  }
}
