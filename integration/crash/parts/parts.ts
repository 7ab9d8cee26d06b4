import { mkdir, rm } from "node:fs/promises";
import { connect } from "amqplib";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { type DatabaseKind, type Databases, startDatabases } from "#integration/rigs/databases.js";
import { OsloClient } from "#integration/rigs/oslo-client.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import { Scope } from "#integration/rigs/scope.js";
import { type Machine, ReadingMachine, StandingMachine, socketTemplate } from "./machine.js";

/** Everything that a service works with, all of it real: a broker, databases, and two machines. Schedules share it, one at a time. */
export class Parts implements AsyncDisposable {
  private readonly scope = new Scope();
  private readonly databases = new Map<DatabaseKind, Promise<Databases>>();

  private constructor(
    readonly broker: RabbitMq,
    readonly caller: OsloClient,
    readonly sockets: string,
    readonly machines: readonly Machine[],
    scope: Scope,
  ) {
    this.scope = scope;
  }

  /** @param kinds - of the databases that are started at once; others are when they are first asked for */
  static async start(kinds: Iterable<DatabaseKind>): Promise<Parts> {
    const scope = new Scope();
    try {
      const sockets = await privateDirectory("sockets");
      scope.own(Promise.resolve({ [Symbol.asyncDispose]: () => rm(sockets, { recursive: true, force: true }) }));
      await mkdir(sockets, { recursive: true });
      const machines = [new ReadingMachine("i1", sockets), new StandingMachine("i2", sockets)];
      for (const machine of machines) scope.own(Promise.resolve(machine));
      const starting = machines.map((machine) => machine.start());
      const broker = await scope.own(RabbitMq.start());
      const caller = await scope.own(OsloClient.start(broker.transportUrl));
      await Promise.all(starting);
      const parts = new Parts(broker, caller, sockets, machines, scope);
      await Promise.all([...kinds].map((kind) => parts.databasesOf(kind)));
      return parts;
    } catch (error) {
      await scope[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Databases of a kind; their server is started when it is first asked for. */
  async databasesOf(kind: DatabaseKind): Promise<Databases> {
    const started = this.databases.get(kind) ?? this.scope.own(startDatabases(kind));
    this.databases.set(kind, started);
    return await started;
  }

  machine(instanceId: string): Machine {
    const found = this.machines.find((machine) => machine.instanceId === instanceId);
    if (found === undefined) throw new Error(`there is no instance ${instanceId}`);
    return found;
  }

  /** What the service is told about where monitors listen. */
  get qmpSocket(): string {
    return socketTemplate(this.sockets);
  }

  /** Takes every drive from every machine and every message from the service's queues, past any service. */
  async clear(): Promise<void> {
    const connection = await connect(this.broker.url);
    const channel = await connection.createChannel();
    for (const queue of ["configdrive", "configdrive.compute-1"]) await channel.deleteQueue(queue);
    await connection.close();
    const hand = new QemuHypervisor({ socketTemplate: this.qmpSocket, answerMs: 15_000, unplugMs: 15_000 });
    const wait = { signal: AbortSignal.timeout(60_000) };
    for (const { instanceId } of this.machines) {
      for (const { driveId, deviceName } of (await hand.observe(instanceId, wait)) ?? []) {
        const device = { kind: "cdrom", bus: "scsi", name: deviceName, reason: "" } as const;
        await hand.detach(instanceId, driveId, device, true, wait);
      }
    }
    await hand.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scope[Symbol.asyncDispose]();
  }
}
