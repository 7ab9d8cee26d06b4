import { randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Endpoint } from "#adapters/libvirt/dial.js";
import { makeCertificates } from "./certificates.js";
import { Child } from "./child.js";
import { LibvirtHost } from "./libvirt-host.js";
import { freePorts } from "./ports.js";
import { privateDirectory } from "./private-directory.js";
import { standStill } from "./stand-still.js";
import { until } from "./wait.js";

/** How a domain is made. */
export interface DomainOptions {
  readonly machine: "pc" | "q35";
  /** Kept when it is shut off. */
  readonly persistent?: boolean;
  /** Defined, but not started. */
  readonly shutOff?: boolean;
  /** One is made up if not given. */
  readonly name?: string;
  /** More devices, as libvirt's XML. */
  readonly devices?: string;
}

export interface DaemonOptions {
  /** It listens at TCP and TLS of this machine, too. */
  readonly network?: boolean;
  /** More lines of libvirtd.conf. They come first: of two lines for the same thing libvirt takes the first. */
  readonly configuration?: readonly string[];
}

/** How others reach a daemon that listens on the network. */
export interface NetworkEndpoints {
  readonly tcp: Endpoint;
  readonly tls: Endpoint;
  /** With a certificate that the daemon does not believe. */
  readonly stranger: Endpoint;
}

const SOCKET = "sockets/libvirt-sock";

/** A real libvirt daemon of a test's own; its guests end with it. */
export class LibvirtDaemon extends LibvirtHost implements AsyncDisposable {
  private constructor(
    readonly directory: string,
    private readonly process: Child,
    private readonly endpoints: NetworkEndpoints | undefined,
  ) {
    super({ uri: { transport: "unix", driver: "qemu:///system", socket: join(directory, SOCKET) } });
  }

  /** The unix socket that it listens at. */
  get socket(): string {
    return join(this.directory, SOCKET);
  }

  /** A folder for a storage pool. */
  get pool(): string {
    return join(this.directory, "pool");
  }

  /** Where it listens on the network. */
  get network(): NetworkEndpoints {
    if (this.endpoints === undefined) throw new Error("this libvirt daemon does not listen on the network");
    return this.endpoints;
  }

  static async start({ network = false, configuration = [] }: DaemonOptions = {}): Promise<LibvirtDaemon> {
    const directory = await privateDirectory("libvirt");
    await chmod(directory, 0o755);
    await mkdir(join(directory, "pool"));
    const listening = network ? await listenOn(directory) : undefined;
    const lines = [...configuration, ...(listening?.configuration ?? [])];
    await writeFile(join(directory, "more.conf"), lines.map((line) => `${line}\n`).join(""));
    const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const program = resolve("integration/rigs/libvirt/daemon");
    const flags = network ? ["--listen"] : [];
    const process = await Child.start("unshare", [...namespaces, program, directory, ...flags], {
      log: join(directory, "daemon.log"),
    });
    const daemon = new LibvirtDaemon(directory, process, listening?.endpoints);
    try {
      await daemon.answering();
      return daemon;
    } catch (error) {
      await daemon[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Makes a domain without a guest in it, and gives its UUID. Its processor runs nothing: the firmware finds nothing to boot. */
  async domain(options: DomainOptions): Promise<string> {
    const uuid = randomUUID();
    if (options.persistent !== true && options.shutOff !== true) {
      await this.create(domainXml(uuid, options));
      return uuid;
    }
    await this.define(domainXml(uuid, options));
    if (options.shutOff !== true) await this.startDomain(uuid);
    return uuid;
  }

  /** Stores another description of a domain that `domain` made. */
  async redefine(uuid: string, options: DomainOptions): Promise<void> {
    await this.define(domainXml(uuid, options));
  }

  /** Writes an image of whole sectors filled with one byte, and says where it is. */
  async image(name: string, fill: number): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, Buffer.alloc(8192, fill));
    return path;
  }

  /** Ends the daemon and waits for the next one; guests go on. */
  async restart(): Promise<void> {
    const before = await readFile(join(this.directory, "pid"), "utf8");
    process.kill(await this.daemonPid(), "SIGKILL");
    await until(15_000, "the next libvirt daemon", async () => {
      const now = await readFile(join(this.directory, "pid"), "utf8").catch(() => before);
      return now !== before && now.trim() !== "";
    });
    await this.answering();
  }

  /** The daemon stands still (SIGSTOP) until this is disposed. */
  async hang(): Promise<AsyncDisposable> {
    return await standStill(await this.daemonPid());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop("SIGKILL");
    await rm(this.directory, { recursive: true, force: true });
  }

  /** The daemon's process id, as this process counts; its own namespace has another for it. */
  private async daemonPid(): Promise<number> {
    const [shell] = await childrenOf(this.process.pid);
    for (const pid of shell === undefined ? [] : await childrenOf(shell)) {
      const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
      if (name.trim() === "libvirtd") return pid;
    }
    throw new Error("there is no libvirt daemon");
  }

  private async answering(): Promise<void> {
    await until(20_000, "libvirt to answer", async () => {
      this.process.assertRunning();
      try {
        await using _connection = await this.connect();
        return true;
      } catch {
        return false;
      }
    });
  }
}

/** Certificates and free ports for a daemon, and its configuration with them. */
async function listenOn(directory: string): Promise<{ endpoints: NetworkEndpoints; configuration: readonly string[] }> {
  const [tcpPort = 0, tlsPort = 0] = await freePorts(2);
  const [trusted, others] = [join(directory, "pki"), join(directory, "other-pki")];
  await mkdir(trusted);
  await mkdir(others);
  const { authority, server, client } = await makeCertificates(trusted);
  const { client: stranger } = await makeCertificates(others);
  const driver = "qemu:///system";
  const tls = { transport: "tls", host: "localhost", port: tlsPort, driver } as const;
  return {
    endpoints: {
      tcp: { uri: { transport: "tcp", host: "127.0.0.1", port: tcpPort, driver } },
      tls: { uri: tls, tls: { authority, ...client } },
      stranger: { uri: tls, tls: { authority, ...stranger } },
    },
    configuration: [
      ...["listen_tcp = 1", "listen_tls = 1", 'listen_addr = "127.0.0.1"', 'auth_tcp = "none"', 'auth_tls = "none"'],
      ...[`tcp_port = "${tcpPort}"`, `tls_port = "${tlsPort}"`],
      ...[`ca_file = "${authority}"`, `cert_file = "${server.certificate}"`, `key_file = "${server.key}"`],
    ],
  };
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

/** A domain under QEMU's own emulation, with a virtio-scsi controller unless it brings devices of its own. */
function domainXml(uuid: string, options: DomainOptions): string {
  return `<domain type="qemu">
    <name>${options.name ?? `instance-${uuid.slice(0, 8)}`}</name>
    <uuid>${uuid}</uuid>
    <memory unit="MiB">32</memory>
    <vcpu>1</vcpu>
    <os><type arch="x86_64" machine="${options.machine}">hvm</type></os>
    <features><acpi/></features>
    <devices>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      ${options.devices ?? '<controller type="scsi" index="0" model="virtio-scsi"/>'}
      <memballoon model="none"/>
    </devices>
  </domain>`;
}
