import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Agent } from "#integration/rigs/agent.js";
import { startDatabases } from "#integration/rigs/databases.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import type { Service } from "#integration/rigs/service.js";
import { atRest, Cloud, change, hostsBecome } from "./cloud.js";

/** Milliseconds after the call at which the first service falls asleep. */
const moments = process.env.FORM === "full" ? Array.from({ length: 25 }, (_, at) => at * 8) : [20, 60, 120];

let cloud: Cloud;
let agent: Agent;
let services: readonly [Service, Service];
let doors: readonly [GrpcDoor, GrpcDoor];
beforeAll(async () => {
  cloud = await Cloud.open();
  const databases = await cloud.own(startDatabases("postgresql"));
  const connection = await databases.createDatabase();
  agent = await cloud.agent(0);
  const options = { connection, config: ["[catalog]", "lease_time = 3"] };
  services = [await cloud.service("first", options), await cloud.service("second", options)];
  doors = [new GrpcDoor(services[0].address), new GrpcDoor(services[1].address)];
  for (const door of doors) await hostsBecome(door, { a: "PRESENT" });
}, 120_000);
afterAll(async () => {
  for (const door of doors ?? []) await door[Symbol.asyncDispose]();
  await cloud?.[Symbol.asyncDispose]();
}, 60_000);

test("either service attaches, and the other one detaches what it attached", async () => {
  const instance_id = randomUUID();
  await agent.run(instance_id);
  const data = Buffer.alloc(8192, 1);
  const { id } = await change(doors[0], "populate_volume", { blob: { data: data.toString("base64") } });
  await change(doors[1], "attach_drive", { drive_id: id, instance_id });
  expect(await agent.seenBy(instance_id)).toEqual({ [id]: data });
  await change(doors[0], "detach_drive", { drive_id: id });
  expect(await agent.seenBy(instance_id)).toEqual({});
}, 60_000);

test("a service that falls asleep in the middle of an attach and wakes up after the other one has detached the drive changes nothing", async () => {
  const data = Buffer.alloc(2 << 20, 3);
  for (const moment of moments) {
    const instance_id = randomUUID();
    await agent.run(instance_id);
    const { id } = await change(doors[1], "populate_volume", { blob: { data: data.toString("base64") } });
    const attaching = change(doors[0], "attach_drive", { drive_id: id, instance_id }).catch(() => undefined);
    await pause(moment);
    await services[0].pause();
    try {
      // The second service takes over what the first one had begun, once its lease is over.
      await atRest(doors[1], id);
      const attach = () => change(doors[1], "attach_drive", { drive_id: id, instance_id });
      await attach();
      expect((await agent.seenBy(instance_id))[id]?.equals(data)).toBe(true);
      await change(doors[1], "detach_drive", { drive_id: id });
    } finally {
      services[0].resume();
    }
    await attaching;
    await services[0].healthy("configdrive.catalog");
    const first = await atRest(doors[0], id);
    const seen = Object.keys(await agent.seenBy(instance_id));
    // A call that had not been opened when it fell asleep is an attach like any other; one that had is the other's since.
    expect(seen).toEqual(first.attachments.length === 0 ? [] : [id]);
    if (first.attachments.length > 0) await change(doors[1], "detach_drive", { drive_id: id });
    expect(await agent.files()).toEqual([]);
  }
}, 300_000);
