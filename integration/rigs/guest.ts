import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Child } from "./child.js";
import { type Commanded, GuestCommands, type Ran } from "./guest-commands.js";
import { type GuestImage, guestImage } from "./guest-image.js";
import { LineChannel } from "./lines.js";
import { privateDirectory } from "./private-directory.js";
import { within } from "./wait.js";

/** The machine types that the QEMU adapter serves. */
export type Machine = "pc" | "q35";

export interface GuestOptions {
  readonly machine: Machine;
  /** The instance, as the service is to know it; one is made up if not given. */
  readonly instanceId?: string;
  /** Where the QMP socket of the service is to be: `<directory>/<instance id>.sock`. The guest's own directory if not given. */
  readonly sockets?: string;
  /** More QEMU arguments, such as devices that are there from the start. */
  readonly args?: readonly string[];
  /** The processor stands still until QMP's `cont`. */
  readonly halted?: boolean;
}

/**
 * A real guest: Debian's cloud kernel with a small initramfs under QEMU's own emulation (TCG), so that it runs where KVM
 * does not. It has a virtio-scsi controller `scsi0` and, on q35, four free PCIe root ports `port0` to `port3`. The service
 * gets a QMP socket of its own; the rig has a second one, and a channel on which the guest runs shell commands.
 *
 *     await using guest = await Guest.start({ machine: "q35" });
 *     await guest.check("mount -o ro /dev/sr0 /mnt");
 */
export class Guest implements Commanded, AsyncDisposable {
  /** From the start of QEMU to the first command, in milliseconds. */
  bootMs = Number.NaN;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly machine: Machine,
    readonly instanceId: string,
    /** The QMP socket for the service. */
    readonly qmpSocket: string,
    private readonly startedAt: number,
    private readonly directory: string,
    private readonly qemu: Child,
    private readonly commands: GuestCommands,
    private readonly monitor: LineChannel,
  ) {}

  /** Boots a guest; it takes commands when this ends. */
  static async start(options: GuestOptions): Promise<Guest> {
    const guest = await Guest.launch(options);
    try {
      await guest.booted();
      return guest;
    } catch (error) {
      await guest.stop();
      throw error;
    }
  }

  /** Starts QEMU; its monitors listen when this ends. */
  static async launch(options: GuestOptions): Promise<Guest> {
    const directory = await privateDirectory("guest");
    const instanceId = options.instanceId ?? randomUUID();
    const sockets: { close(): void }[] = [];
    let qemu: Child | undefined;
    try {
      const image = await guestImage();
      const qmpSocket = join(options.sockets ?? directory, `${instanceId}.sock`);
      const commands = await GuestCommands.listen(join(directory, "channel.sock"));
      sockets.push(commands);
      const monitor = await LineChannel.listen(join(directory, "monitor.sock"));
      sockets.push(monitor);
      const start = performance.now();
      const args = qemuArguments(options, instanceId, qmpSocket, directory, image);
      qemu = await Child.start("qemu-system-x86_64", args, { log: join(directory, "qemu.log") });
      const guest = new Guest(options.machine, instanceId, qmpSocket, start, directory, qemu, commands, monitor);
      const child = qemu;
      // QMP greets once QEMU has made its machine.
      const greeting = await within(30_000, "QEMU to greet", Promise.race([monitor.next(), child.exit]));
      if (greeting === undefined) throw new Error(`QEMU did not start (${child.ending}):\n${child.tail()}`);
      await guest.qmp("qmp_capabilities");
      return guest;
    } catch (error) {
      await qemu?.stop("SIGKILL");
      for (const socket of sockets) socket.close();
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Waits until the guest takes commands. */
  async booted(): Promise<void> {
    const { qemu } = this;
    const ready = await within(90_000, "the guest to boot", Promise.race([this.commands.greeting(), qemu.exit]));
    if (ready !== "ready") {
      const console = await readFile(join(this.directory, "console"), "utf8").catch(() => "");
      throw new Error(`the guest did not boot (${qemu.ending ?? ready}):\n${qemu.tail()}\n${console.slice(-2000)}`);
    }
    this.bootMs = performance.now() - this.startedAt;
  }

  /** QEMU's process id. */
  get pid(): number {
    return this.qemu.pid;
  }

  /** Runs a shell script in the guest, one at a time, and waits at most so many milliseconds for its end. */
  async run(script: string, deadlineMs?: number): Promise<Ran> {
    return this.commands.run(script, deadlineMs);
  }

  /** Runs a shell script in the guest and gives its output; throws when its exit code is not 0. */
  async check(script: string, deadlineMs?: number): Promise<string> {
    return this.commands.check(script, deadlineMs);
  }

  /** Runs a QMP command on the rig's own socket and gives what it returns; throws QEMU's error. Events are passed over. */
  async qmp(execute: string, args: Record<string, unknown> = {}): Promise<unknown> {
    return this.inTurn(async () => {
      this.monitor.send(JSON.stringify({ execute, arguments: args }));
      for (;;) {
        const line = await within(15_000, `QMP to answer ${execute}`, this.monitor.next());
        if (line === undefined) throw new Error(`QEMU went away while it answered ${execute}`);
        const answer: { return?: unknown; error?: { class: string; desc: string } } = JSON.parse(line);
        if (answer.error !== undefined) throw new Error(`QMP ${execute}: ${answer.error.class}: ${answer.error.desc}`);
        if (answer.return !== undefined) return answer.return;
      }
    });
  }

  /** What the guest has written to its console so far. */
  async console(): Promise<string> {
    return readFile(join(this.directory, "console"), "utf8");
  }

  async qemuVersion(): Promise<string> {
    const { qemu } = z
      .object({ qemu: z.object({ major: z.int(), minor: z.int(), micro: z.int() }) })
      .parse(await this.qmp("query-version"));
    return `${qemu.major}.${qemu.minor}.${qemu.micro}`;
  }

  /** Kills the guest by its process id and removes what it had. */
  async stop(): Promise<void> {
    await this.qemu.stop("SIGKILL");
    this.commands.close();
    this.monitor.close();
    await rm(this.qmpSocket, { force: true });
    await rm(this.directory, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.turn.then(action);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

function qemuArguments(
  options: GuestOptions,
  instanceId: string,
  qmpSocket: string,
  directory: string,
  image: GuestImage,
): string[] {
  const rootPorts = [0, 1, 2, 3].flatMap((port) => [
    "-device",
    `pcie-root-port,id=port${port},bus=pcie.0,chassis=${port + 1},slot=${port + 1}`,
  ]);
  return [
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    ...["-machine", `${options.machine},accel=tcg,usb=off,vmport=off`, "-cpu", "max", "-m", "256", "-smp", "1"],
    ...["-name", instanceId, ...(isUuid(instanceId) ? ["-uuid", instanceId] : [])],
    ...["-kernel", image.kernel, "-initrd", image.initramfs, "-append", image.commandLine],
    ...["-serial", `file:${join(directory, "console")}`],
    ...["-qmp", `unix:${qmpSocket},server=on,wait=off`],
    ...["-chardev", `socket,id=monitor,path=${join(directory, "monitor.sock")}`, "-mon", "monitor,mode=control"],
    ...["-chardev", `socket,id=channel,path=${join(directory, "channel.sock")}`],
    ...["-device", "virtio-serial-pci", "-device", "virtserialport,chardev=channel,name=configdrive.rig"],
    ...["-device", "virtio-scsi-pci,id=scsi0"],
    ...(options.machine === "q35" ? rootPorts : []),
    ...(options.halted === true ? ["-S"] : []),
    ...(options.args ?? []),
  ];
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
