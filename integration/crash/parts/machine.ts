import { join } from "node:path";
import { z } from "zod";
import { parseNodeName } from "#adapters/qemu/names.js";
import { BareMachine } from "#integration/rigs/bare-machine.js";
import { Guest } from "#integration/rigs/guest.js";
import { MediumReader } from "./medium-reader.js";

/** A generation of a drive that a machine has open. */
export interface Shown {
  readonly driveId: string;
  readonly generation: number;
}

/** A QEMU machine that can be killed and started again as the same instance. */
export interface Machine extends AsyncDisposable {
  readonly instanceId: string;
  /** Every block node of ours that it has open, past the service and its own connection. */
  shown(): Promise<readonly Shown[]>;
  /** What its guest read and should not have: bytes that are no whole generation. */
  faults(known: ReadonlySet<string>): Promise<readonly string[]>;
  /** How often its guest read a medium whole; 0 where there is no guest. */
  reads(): Promise<number>;
  /** Ends it without a word. */
  kill(): Promise<void>;
  /** Starts it anew, with nothing plugged in. */
  start(): Promise<void>;
}

const nodes = z.array(z.object({ "node-name": z.string().optional() }));

function shownIn(answer: unknown): readonly Shown[] {
  return nodes.parse(answer).flatMap(({ "node-name": name = "" }) => parseNodeName(name) ?? []);
}

/** A machine whose processor stands still: cheap to kill. */
export class StandingMachine implements Machine {
  private machine: BareMachine | undefined;

  constructor(
    readonly instanceId: string,
    private readonly sockets: string,
  ) {}

  async start(): Promise<void> {
    await this.machine?.[Symbol.asyncDispose]();
    const devices = ["virtio-scsi-pci,id=scsi0"];
    this.machine = await BareMachine.start("q35", devices, { sockets: this.sockets }, this.instanceId);
  }

  async shown(): Promise<readonly Shown[]> {
    return shownIn(await this.machine?.monitor("query-named-block-nodes", { flat: true }));
  }

  async faults(): Promise<readonly string[]> {
    return [];
  }

  async reads(): Promise<number> {
    return 0;
  }

  async kill(): Promise<void> {
    await this.machine?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine?.[Symbol.asyncDispose]();
  }
}

/** A machine with a guest that rereads every medium all the time. */
export class ReadingMachine implements Machine {
  private guest: Guest | undefined;
  private readonly reader = new MediumReader();

  constructor(
    readonly instanceId: string,
    private readonly sockets: string,
  ) {}

  async start(): Promise<void> {
    const { instanceId, sockets } = this;
    this.guest = await Guest.start({ machine: "pc", instanceId, sockets });
    await this.reader.begin(this.guest);
  }

  async shown(): Promise<readonly Shown[]> {
    return shownIn(await this.guest?.qmp("query-named-block-nodes", { flat: true }));
  }

  async faults(known: ReadonlySet<string>): Promise<readonly string[]> {
    if (this.guest !== undefined) await this.reader.look(this.guest);
    return this.reader.faults(known);
  }

  async reads(): Promise<number> {
    if (this.guest !== undefined) await this.reader.look(this.guest);
    return this.reader.reads;
  }

  async kill(): Promise<void> {
    const { guest } = this;
    this.guest = undefined;
    if (guest === undefined) return;
    await this.reader.look(guest);
    await guest.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.guest?.stop();
  }
}

/** Where the service finds the monitors of machines below a folder. */
export function socketTemplate(sockets: string): string {
  return join(sockets, "{instance_id}.sock");
}
