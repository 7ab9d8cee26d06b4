import { randomUUID } from "node:crypto";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Child } from "./child.js";
import { LibvirtHost } from "./libvirt-host.js";
import { privateDirectory } from "./private-directory.js";
import { until } from "./wait.js";

/** How a domain is made. */
export interface DomainOptions {
  readonly machine: "pc" | "q35";
  /** Kept when it is shut off. */
  readonly persistent?: boolean;
  /** Defined, but not started. */
  readonly shutOff?: boolean;
  /** More devices, as libvirt's XML. */
  readonly devices?: string;
}

/** A real libvirt daemon of a test's own; its guests end with it. */
export class LibvirtDaemon extends LibvirtHost implements AsyncDisposable {
  private constructor(
    readonly directory: string,
    private readonly process: Child,
  ) {
    super({ driver: "qemu:///system", socket: join(directory, "sockets/libvirt-sock") });
  }

  static async start(): Promise<LibvirtDaemon> {
    const directory = await privateDirectory("libvirt");
    await chmod(directory, 0o755);
    const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const program = resolve("integration/rigs/libvirt/daemon");
    const process = await Child.start("unshare", [...namespaces, program, directory], {
      log: join(directory, "daemon.log"),
    });
    const daemon = new LibvirtDaemon(directory, process);
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
    const pid = await this.daemonPid();
    process.kill(pid, "SIGSTOP");
    return { [Symbol.asyncDispose]: async () => void process.kill(pid, "SIGCONT") };
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

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

/** A domain under QEMU's own emulation, with a virtio-scsi controller unless it brings devices of its own. */
function domainXml(uuid: string, options: DomainOptions): string {
  return `<domain type="qemu">
    <name>instance-${uuid.slice(0, 8)}</name>
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
