import { Refusal } from "#drive/refusal.js";
import { type Cdrom, type Hardware, readHardware, removing, showing } from "./devices.js";
import { carrying, carryingNone, type Properties, readProperties } from "./extra-config.js";
import { retrieveOne } from "./properties.js";
import type { Session } from "./session.js";
import { runTask, settle } from "./task.js";
import { childOf, element, type Reference, referenceIn } from "./vim.js";

/** On whose behalf something is done, and until when. */
export interface Use {
  readonly session: Session;
  readonly instanceId: string;
  /** Milliseconds for each task of vCenter. */
  readonly taskMs: number;
  readonly signal: AbortSignal;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A virtual machine, and what it had when it was looked at. */
export interface Look {
  readonly hardware: Hardware;
  readonly properties: Properties;
  readonly power: "on" | "off" | "suspended";
}

/** One virtual machine of vCenter, found by its instance UUID, as nova gives it one. */
export class Machine {
  private constructor(
    readonly use: Use,
    private readonly reference: Reference,
  ) {}

  /** Refuses with INSTANCE_NOT_FOUND. */
  static async find(use: Use): Promise<Machine> {
    const { session, instanceId, signal } = use;
    if (!UUID.test(instanceId)) throw notFound(instanceId, "it is not a UUID");
    const body = element("uuid", instanceId) + element("vmSearch", true) + element("instanceUuid", true);
    const answer = await session.call("FindByUuid", ({ search }) => search, body, signal);
    const found = referenceIn(childOf(answer, "returnval"));
    if (found === undefined) throw notFound(instanceId, "vCenter has no machine of that instance UUID");
    return new Machine(use, found);
  }

  /** The same machine under another signal. */
  until(signal: AbortSignal): Machine {
    return new Machine({ ...this.use, signal }, this.reference);
  }

  /** What it has, once nothing that was begun on it is under way any more. */
  async look(): Promise<Look> {
    const { session, taskMs, signal } = this.use;
    await settle(session, this.reference, taskMs, signal);
    return await this.glance();
  }

  /** What it has at this moment. */
  async glance(): Promise<Look> {
    const paths = ["config.hardware.device", "config.extraConfig", "runtime.powerState"];
    const found = await retrieveOne(this.use.session, this.reference, paths, this.use.signal);
    const state = found.get("runtime.powerState")?.textContent;
    const power = state === "poweredOn" ? "on" : state === "suspended" ? "suspended" : "off";
    return {
      hardware: readHardware(found.get("config.hardware.device"), power === "on"),
      properties: readProperties(found.get("config.extraConfig")),
      power,
    };
  }

  /** Adds a CD-ROM, or lets one show another image. */
  async show(...change: Parameters<typeof showing>): Promise<void> {
    await this.#reconfigure(showing(...change));
  }

  /** Takes a CD-ROM away. */
  async remove(cdrom: Cdrom): Promise<void> {
    await this.#reconfigure(removing(cdrom));
  }

  /** Lets its properties carry a drive. */
  async carry(...what: Parameters<typeof carrying>): Promise<void> {
    await this.#reconfigure(carrying(...what));
  }

  /** Empties the properties that carry a drive. */
  async carryNone(): Promise<void> {
    await this.#reconfigure(carryingNone());
  }

  async #reconfigure(spec: string): Promise<void> {
    const { session, taskMs, signal } = this.use;
    await runTask(session, taskMs, ["ReconfigVM_Task", this.reference, spec, signal]);
  }
}

/** The CD-ROM of a drive. */
export function ownCdrom({ hardware }: Look, driveId: string): Cdrom | undefined {
  return hardware.cdroms.find(({ drive }) => drive?.driveId === driveId);
}

function notFound(instanceId: string, why: string): Refusal {
  return new Refusal("INSTANCE_NOT_FOUND", `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "vsphere", instance_id: instanceId },
  });
}
