import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Agent } from "#integration/rigs/agent.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import fc from "#integration/rigs/properties.js";
import type { Service } from "#integration/rigs/service.js";
import { until } from "#integration/rigs/wait.js";
import { atRest, Cloud, change, get, hostsBecome, populate, reasonOf } from "./cloud.js";

const ROUNDS = process.env.FORM === "full" ? 24 : 3;

let cloud: Cloud;
let agent: Agent;
let service: Service;
let door: GrpcDoor;
beforeAll(async () => {
  cloud = await Cloud.open();
  agent = await cloud.agent(0);
  service = await cloud.service("controller");
  door = new GrpcDoor(service.address);
  await hostsBecome(door, { a: "PRESENT" });
}, 120_000);
afterAll(async () => {
  await door?.[Symbol.asyncDispose]();
  await cloud?.[Symbol.asyncDispose]();
}, 60_000);

/** What a generation holds: more than fits one message. */
const bytesOf = (fill: number) => Buffer.alloc(2 << 20, fill);
const write = (fill: number, more: object = {}) =>
  change(door, "populate_volume", { blob: { data: bytesOf(fill).toString("base64") }, ...more });

test.each([
  ["the agent", [true, false]],
  ["the service", [false, true]],
  ["both", [true, true]],
] as const)(
  `%s killed ${ROUNDS} times in the middle of its work: no drive is lost, nothing is left behind, every byte is right`,
  async (_, [killsAgent, killsService]) => {
    const instance_id = randomUUID();
    await agent.run(instance_id);
    const { id } = await write(1);
    const works = [
      () => change(door, "attach_drive", { drive_id: id, instance_id }),
      () => write(7, { drive_id: id, when_attached: "WHEN_ATTACHED_REFRESH" }),
      () => change(door, "detach_drive", { drive_id: id }),
    ];
    // The moments of the kills are the same in every run.
    const moments = fc.sample(fc.integer({ min: 0, max: 120 }), { seed: 20_261_122, numRuns: ROUNDS });
    for (const [round, moment] of moments.entries()) {
      works[round % works.length]?.().catch(() => undefined);
      await pause(moment);
      await Promise.all([killsAgent ? agent.kill() : undefined, killsService ? service.kill() : undefined]);
      await Promise.all([killsAgent ? agent.start() : undefined, killsService ? service.start() : undefined]);
      await hostsBecome(door, { a: "PRESENT" });
      const { attachments } = await atRest(door, id);
      const shown = attachments[0]?.observed_generation ?? 0;
      const seen = await agent.seenBy(instance_id);
      expect(Object.keys(seen)).toEqual(shown === 0 ? [] : [id]);
      if (shown > 0) expect(seen[id]?.equals(bytesOf(shown === 1 ? 1 : 7))).toBe(true);
    }
    if ((await get(door, id)).attachments.length > 0) await change(door, "detach_drive", { drive_id: id });
    await door.call("delete_drive", { request_id: randomUUID(), drive_id: id });
    expect(await service.filesOfDrive(id)).toEqual([]);
    // What a kill cut off of a drive that is gone is found by the sweep of a service that begins; an image on its way is given up when no step comes.
    await service.terminate();
    await service.start();
    await hostsBecome(door, { a: "PRESENT" });
    await until(60_000, "nothing to be left on the host", async () => (await agent.files()).length === 0);
  },
  300_000,
);

test("a broker that is killed and comes back: agent and service meet again, and go on", async () => {
  const instance_id = randomUUID();
  await agent.run(instance_id);
  const { id } = await populate(door, 5);
  await cloud.broker.kill();
  await cloud.broker.start();
  // The service may not have noticed yet that the agent was away, nor the agent be back: the same request is repeated, as callers do.
  const args = { request_id: randomUUID(), drive_id: id, instance_id };
  await until(60_000, "the agent to be reached again", async () => {
    const refusal = await reasonOf(change(door, "attach_drive", args));
    expect([undefined, "HOST_UNREACHABLE"]).toContain(refusal);
    return refusal === undefined;
  });
  expect(await agent.seenBy(instance_id)).toEqual({ [id]: Buffer.alloc(8192, 5) });
  await change(door, "detach_drive", { drive_id: id });
}, 120_000);
