import { setTimeout as pause } from "node:timers/promises";
import { CallFailed, type Door } from "#integration/rigs/door.js";
import { type DriveAnswer, driveOf } from "#integration/rigs/drive-answer.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { type Answer, Model } from "../model.js";
import { contentBytes, type ScriptStep } from "../script.js";
import type { Journal } from "./journal.js";
import { Killer } from "./killer.js";
import { type Expected, expectedOf, look, shownContent } from "./look.js";
import type { Parts } from "./parts.js";
import { remainsFaults } from "./remains.js";
import type { Fault, Schedule, ScheduledCall } from "./schedule.js";

/** Longest time until a call is answered, or until all is as it should be, whatever was killed; in milliseconds. */
const patienceMs = 120_000;
/** Seconds that a caller on the bus waits before it asks again: not long where its call may be lost with somebody who is killed. */
const busWait = { armed: 4, calm: 30 };
const timedOut = "MessagingTimeout";
/** No drive has this id: what a script means that names a drive it has not made. */
const nobody = "ffffffff-ffff-4fff-8fff-ffffffffffff";

/** What may be answered only because somebody was killed, and is then asked again; nothing: the caller got no answer. */
const passing = [
  "",
  "CATALOG_FAILED",
  "DRIVE_BUSY",
  "HYPERVISOR_UNREACHABLE",
  "INSTANCE_NOT_FOUND",
  "INSTANCE_NOT_RUNNING",
];

/** How many steps each call takes when nobody is killed. */
export type UsualSteps = ReadonlyMap<string, number>;

/**
 * Plays a schedule. After each call in which somebody was killed, everything must be as the model has it once all are back; at
 * the end also after one more kill at rest, and in the rows and files that the service leaves.
 * @returns the steps of each kind of call, and how many kills there were
 */
export async function runSchedule(
  schedule: Schedule,
  parts: Parts,
  usual: UsualSteps,
  journal: Journal,
): Promise<{ readonly steps: UsualSteps; readonly kills: number }> {
  const databases = await parts.databasesOf(schedule.database);
  const connection = await databases.createDatabase();
  const config = ["[catalog]", "lease_time = 3", "[drives]", "reconcile_interval = 1"];
  const { qmpSocket } = parts;
  const options = { transportUrl: parts.broker.transportUrl, qmpSocket, connection, config };
  await using killer = await Killer.start(parts, options, databases.server, journal);
  journal.note(`the service serves, with ${schedule.database}`);
  try {
    return await new ScheduleRun(parts, usual, journal, killer, connection).play(schedule);
  } catch (error) {
    throw new Error(await journal.keepFailure(killer.service.log), { cause: error });
  }
}

class ScheduleRun {
  private readonly model = new Model();
  private readonly ids: string[] = [];
  private readonly steps = new Map<string, number>();
  private kills = 0;
  private armed = false;

  constructor(
    private readonly parts: Parts,
    private readonly usual: UsualSteps,
    private readonly journal: Journal,
    private readonly killer: Killer,
    private readonly connection: string,
  ) {}

  async play({ calls }: Schedule): Promise<{ readonly steps: UsualSteps; readonly kills: number }> {
    for (const call of calls) await this.#playCall(call);
    const drives = await this.#settled(this.#expected(this.model, new Set()));
    // The next start also sweeps at once what a database that went away has left.
    this.killer.arm([]);
    await this.killer.killService();
    expect(await this.#settled(this.#expected(this.model, new Set()))).toEqual(drives);
    await this.killer.end();
    expect(await remainsFaults(this.connection, this.killer.service.drives, drives)).toEqual([]);
    this.journal.note("rows and files are right");
    return { steps: this.steps, kills: this.kills };
  }

  async #playCall({ step, door, faults }: ScheduledCall): Promise<void> {
    const { model, killer } = this;
    const before = model.copy();
    this.armed = faults.length > 0;
    killer.arm(faults.map((fault) => ({ ...fault, step: this.#stepOf(fault, step) })));
    const { answer, id } = await this.#answered(step, door);
    this.steps.set(step.call, Math.max(this.steps.get(step.call) ?? 0, killer.stepsDone));
    this.journal.note(`${step.call} over ${door}: ${answer}`);
    expect({ step, answer }).toEqual({ step, answer: model.apply(step) });
    if (id !== undefined) this.ids.push(id);
    const anew: ReadonlySet<string> = await killer.disarm();
    if (anew.size === 0) return;
    this.kills += anew.size;
    const expected = this.#expected(before, anew);
    const drives = await this.#settled(expected);
    this.journal.note("all is as it should be");
    for (const { drive, id: driveId, shown } of expected) {
      const seen = drives.find((one) => one.id === driveId);
      if (seen !== undefined && drive.instance !== undefined) drive.shown = shownContent(seen, shown);
    }
  }

  #stepOf({ step }: Fault, { call }: ScriptStep): number {
    return 1 + (step % (this.usual.get(call) ?? 1));
  }

  #expected(before: Model, anew: ReadonlySet<string>): readonly Expected[] {
    return expectedOf(before, this.model, this.ids, anew);
  }

  /** Makes a call, again and again under its request id, until it is answered with what is not owed to a kill. */
  async #answered(step: ScriptStep, door: "gRPC" | "bus"): Promise<{ readonly answer: Answer; readonly id?: string }> {
    const end = performance.now() + patienceMs;
    for (let before = ""; ; ) {
      try {
        const result = await this.#call(step, door);
        return step.call === "populate" && step.drive === undefined
          ? { answer: "ok", id: driveOf(result).id }
          : { answer: "ok" };
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        const { reason, kind, message } = error;
        if (!passing.includes(reason)) return { answer: reason };
        if (before !== `${reason} ${kind}`) this.journal.note(`${step.call} over ${door}: ${reason || kind}`);
        before = `${reason} ${kind}`;
        if (this.killer.killed.size === 0 && !this.#mayCome(reason, kind))
          throw new Error(`refused though nobody was killed: ${message}`, { cause: error });
        if (performance.now() > end) throw new Error(`not answered in ${patienceMs} ms: ${message}`, { cause: error });
        await this.killer.recovered();
        await pause(100);
      }
    }
  }

  /**
   * What may come though nobody was killed in this call: a call that takes longer than it waits where somebody is yet to be killed, and
   * the end of a lease, which an earlier kill of the database or a machine without time for it brings about later.
   */
  #mayCome(reason: string, kind: string): boolean {
    return reason === "CATALOG_FAILED" || (this.armed && kind.endsWith(timedOut));
  }

  async #call(step: ScriptStep, door: "gRPC" | "bus") {
    const [method, args] = requestOf(step, step.drive === undefined ? "" : (this.ids[step.drive] ?? nobody));
    if (door === "bus")
      return await this.parts.caller.call(method, args, {
        version: "1.2",
        timeout: this.armed ? busWait.armed : busWait.calm,
      });
    return await this.#overGrpc((grpc) => grpc.call(method, args));
  }

  /** Through a channel of its own: one that has seen a service die waits before it connects again. */
  async #overGrpc<T>(work: (door: Door) => Promise<T>): Promise<T> {
    await using door = new GrpcDoor(this.killer.service.address);
    return await work(door);
  }

  /** Waits until everything is as expected. */
  async #settled(expected: readonly Expected[]): Promise<readonly DriveAnswer[]> {
    await this.killer.recovered();
    const end = performance.now() + patienceMs;
    for (;;) {
      const { drives, faults } = await this.#overGrpc((door) => look(door, this.parts.machines, expected));
      if (faults.length === 0) return drives;
      if (performance.now() > end) throw new Error(`${patienceMs} ms after everybody is back:\n${faults.join("\n")}`);
      await pause(50);
    }
  }
}

function requestOf(step: ScriptStep, drive_id: string): [method: string, args: object] {
  const named = { request_id: step.requestId, drive_id };
  switch (step.call) {
    case "populate": {
      const blob = { data: contentBytes(step.content).toString("base64") };
      const attached =
        step.whenAttached === "refuse" ? {} : { when_attached: `WHEN_ATTACHED_${step.whenAttached.toUpperCase()}` };
      return ["populate_volume", { ...named, ...attached, blob }];
    }
    case "attach":
      return ["attach_drive", { ...named, instance_id: step.instance, kind: "DEVICE_KIND_CDROM" }];
    case "detach":
      return ["detach_drive", { ...named, instance_id: step.instance }];
    case "release":
      return ["release_instance", { request_id: step.requestId, instance_id: step.instance }];
    case "refresh":
    case "delete":
      return [`${step.call}_drive`, named];
  }
}
