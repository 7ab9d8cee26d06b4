import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { startDatabases } from "../rigs/databases.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { stepping } from "../rigs/stepping.js";
import { until } from "../rigs/wait.js";
import { blob, change, get } from "./parties.js";

/** Longest time until a lease has run out and the others have done what is to be done, in milliseconds. */
const patienceMs = 60_000;

/** Holds one step of a service, the first of its name that comes once it is asked for. */
class Hold {
  private at = "";
  private readonly reached = Promise.withResolvers<void>();
  private readonly open = Promise.withResolvers<void>();
  /** Steps that came after the one that was held. */
  readonly later: string[] = [];
  private held = false;

  /** Ends when the service stands at the step. */
  async reach(at: string): Promise<void> {
    this.at = at;
    await this.reached.promise;
  }

  release(): void {
    this.open.resolve();
  }

  async step(at: string): Promise<void> {
    if (this.held) this.later.push(at);
    if (this.held || at !== this.at) return;
    this.held = true;
    this.reached.resolve();
    await this.open.promise;
  }
}

/** What a service does is the same on both, so the short form takes one. */
const kinds = process.env.FORM === "full" ? (["postgresql", "mariadb"] as const) : (["postgresql"] as const);

describe.each(kinds)("two services on one %s", (kind) => {
  const scope = new Scope();
  const hold = new Hold();
  let instances = "";
  let late: GrpcDoor;
  let other: GrpcDoor;

  beforeAll(async () => {
    const databases = await scope.own(startDatabases(kind));
    instances = await privateDirectory("instances");
    for (const machine of ["vm-1", "vm-2"]) await mkdir(join(instances, machine));
    const connection = await databases.createDatabase();
    const options = {
      connection,
      instances,
      config: ["[catalog]", "lease_time = 3", "[drives]", "reconcile_interval = 1"],
    };
    const preload = stepping((at) => hold.step(at));
    const slow = await scope.own(Service.start({ ...options, preload }));
    late = new GrpcDoor(slow.address);
    other = new GrpcDoor((await scope.own(Service.start(options))).address);
  }, 120_000);
  afterAll(async () => {
    hold.release();
    for (const door of [late, other]) await door?.[Symbol.asyncDispose]();
    await scope[Symbol.asyncDispose]();
    await rm(instances, { recursive: true, force: true });
  }, 60_000);

  const links = async (machine: string) =>
    (await readdir(join(instances, machine))).filter((name) => !name.startsWith("."));

  test("one that stood still while another one finished and undid its attach leaves nothing that it did too late", async () => {
    const { id } = await change(other, "populate_volume", blob("late"));
    const standing = hold.reach("after catalog.open");
    const attaching = late.call("attach_drive", { request_id: randomUUID(), drive_id: id, instance_id: "vm-1" }).then(
      () => "ok",
      (error: { reason?: string }) => error.reason,
    );
    await standing;
    await until(
      patienceMs,
      "the other service to attach it",
      async () => (await get(other, id)).state === "DRIVE_STATE_IN_USE",
    );
    await change(other, "detach_drive", { drive_id: id });
    await change(other, "attach_drive", { drive_id: id, instance_id: "vm-2" });
    hold.release();
    expect(await attaching).toBe("DRIVE_BUSY");
    // It did act, and too late.
    expect(hold.later.filter((step) => step.startsWith("after file"))).not.toEqual([]);
    await until(patienceMs, "what it did to be gone", async () => (await links("vm-1")).length === 0);
    expect(await links("vm-2")).toEqual([`${id}.img`]);
    expect(await get(other, id)).toMatchObject({ state: "DRIVE_STATE_IN_USE", attachments: [{ instance_id: "vm-2" }] });
  }, 180_000);
});
