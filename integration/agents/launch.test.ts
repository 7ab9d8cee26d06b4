import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { changeInstance, listInstances, runInstances, terminate } from "#integration/instances/calls.js";
import type { Agent } from "#integration/rigs/agent.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { LaunchedMachines } from "#integration/rigs/launched-machines.js";
import fc from "#integration/rigs/properties.js";
import type { Service } from "#integration/rigs/service.js";
import { until } from "#integration/rigs/wait.js";
import { Cloud, get, hostStates, hostsBecome, reasonOf } from "./cloud.js";

const ROUNDS = process.env.FORM === "full" ? 20 : 3;

let cloud: Cloud;
let machines: LaunchedMachines;
let agent: Agent;
let service: Service;
let door: GrpcDoor;
beforeAll(async () => {
  cloud = await Cloud.open();
  machines = await cloud.own(LaunchedMachines.make());
  const hypervisor = ["hypervisor = qemu", "[qemu]", `qmp_socket = ${machines.socketTemplate}`];
  agent = await cloud.agent(0, { hypervisor, config: ["[instances]", "launch = true"] });
  await cloud.agent(1);
  service = await cloud.service("controller");
  door = new GrpcDoor(service.address);
  await hostsBecome(door, { a: "PRESENT", b: "PRESENT" });
}, 120_000);
afterAll(async () => {
  await door?.[Symbol.asyncDispose]();
  await cloud?.[Symbol.asyncDispose]();
}, 60_000);

/** A machine without a guest; the disk of the second of a pair that is to fail is not there. */
async function pair(which: "good" | "bad"): Promise<object> {
  const disk = join(machines.sockets, "disk0");
  await writeFile(disk, Buffer.alloc(512));
  const file = which === "good" ? disk : join(machines.sockets, "disk{launch_index}");
  const shape = ["-machine", "q35,accel=tcg", "-m", "32", "-nodefaults", "-display", "none"];
  const template = JSON.stringify({
    arguments: [...shape, "-drive", `if=none,id=own,file=${file},format=raw,readonly=on`],
  });
  const blob = { data: Buffer.alloc(2 << 20, 7).toString("base64") };
  return { request_id: randomUUID(), template, name: "vm", min_count: 2, blob };
}

/** Waits until the same call again is answered by more than that its work goes on, or that the host is away. */
async function outcomeOf(request: object): Promise<readonly string[] | string> {
  return await until(60_000, "the run to be over", async () => {
    let ids: readonly string[] = [];
    const reason = await reasonOf(
      runInstances(door, request).then((instances) => {
        ids = instances.map(({ id }) => id).sort();
      }),
    );
    if (reason === undefined) return ids;
    return /^(INSTANCE_BUSY|HOST_UNREACHABLE)$/.test(reason) ? undefined : reason;
  });
}

/** That there is neither an instance nor a drive nor a copy of one. */
async function expectNothing(): Promise<void> {
  expect(await listInstances(door)).toEqual([]);
  expect((await door.call("list_drives", {})).drives).toEqual([]);
  expect(await machines.ids()).toEqual([]);
  await until(60_000, "no image to be left on the host", async () => (await agent.files()).length === 0);
}

test.each([
  ["the agent", [true, false]],
  ["the service", [false, true]],
  ["both", [true, true]],
] as const)(
  `%s killed ${ROUNDS} times in the middle of a run: both instances are there at the end, or neither`,
  async (_, [killsAgent, killsService]) => {
    // The moments of the kills are the same in every run.
    const moments = fc.sample(fc.integer({ min: 0, max: 600 }), { seed: 20_261_123, numRuns: ROUNDS });
    for (const [round, moment] of moments.entries()) {
      const isGood = round % 3 !== 2;
      const request = await pair(isGood ? "good" : "bad");
      runInstances(door, request).catch(() => undefined);
      await pause(moment);
      await Promise.all([killsAgent ? agent.kill() : undefined, killsService ? service.kill() : undefined]);
      await Promise.all([killsAgent ? agent.start() : undefined, killsService ? service.start() : undefined]);
      await hostsBecome(door, { a: "PRESENT" });
      const outcome = await outcomeOf(request);
      if (isGood) expect(await machines.ids()).toEqual(outcome);
      else expect(outcome).toBe("HYPERVISOR_FAILED");
      const instances = await listInstances(door);
      expect(instances.map(({ state }) => state)).toEqual(isGood ? Array(2).fill("INSTANCE_STATE_RUNNING") : []);
      for (const { drive_ids } of instances) {
        const [driveId = ""] = drive_ids;
        await until(60_000, "the drive to be seen", async () => {
          return (await get(door, driveId)).attachments[0]?.observed_generation === 1;
        });
      }
      if (instances.length > 0) await terminate(door, ...instances.map(({ id }) => id));
      await expectNothing();
    }
  },
  300_000,
);

test("a host that is away: a run and a stop are refused and change nothing, a termination waits for it; guests go on", async () => {
  const request = await pair("good");
  const [first, second] = await runInstances(door, request);
  if (first === undefined || second === undefined) throw new Error("two instances were asked for");
  const ids = [first.id, second.id].sort();
  await cloud.networks[0].cut();
  try {
    expect(await reasonOf(changeInstance(door, "stop_instance", first.id, { grace_seconds: 0 }))).toBe(
      "HOST_UNREACHABLE",
    );
    await hostsBecome(door, { a: "AWAY" });
    expect(await reasonOf(terminate(door, second.id))).toBe("HOST_UNREACHABLE");
    for (const more of [{}, { host: "a" }]) {
      const run = runInstances(door, { ...request, request_id: randomUUID(), ...more });
      expect(await reasonOf(run)).toBe("HOST_UNREACHABLE");
    }
    expect(await reasonOf(runInstances(door, { ...request, request_id: randomUUID(), host: "b" }))).toBe(
      "LAUNCH_NOT_AVAILABLE",
    );
    const states = (await listInstances(door)).map(({ id, state }) => [id, state]);
    expect(Object.fromEntries(states)).toEqual({
      [first.id]: "INSTANCE_STATE_RUNNING",
      [second.id]: "INSTANCE_STATE_TERMINATING",
    });
    expect(await machines.ids()).toEqual(ids);
  } finally {
    await cloud.networks[0].mend();
  }
  await hostsBecome(door, { a: "PRESENT" });
  await until(60_000, "what waited to be done", async () => (await listInstances(door)).length === 1);
  expect(await machines.ids()).toEqual([first.id]);
  expect((await changeInstance(door, "stop_instance", first.id, { grace_seconds: 0 })).state).toBe(
    "INSTANCE_STATE_STOPPED",
  );
  expect(await machines.ids()).toEqual([]);
  await terminate(door, first.id);
  await expectNothing();
}, 120_000);

test("a host that is declared lost: what was pending ends, nobody uses it though it is back, and found it is used again", async () => {
  const [first, second] = await runInstances(door, await pair("good"));
  if (first === undefined || second === undefined) throw new Error("two instances were asked for");
  await agent.kill();
  expect(await reasonOf(terminate(door, first.id))).toBe("HOST_UNREACHABLE");
  await hostsBecome(door, { a: "AWAY" });
  expect(await door.call("declare_host", { host: "a", lost: true })).toMatchObject({ drives: 2, instances: 2 });
  await until(60_000, "the termination to end, and the other one to count as stopped", async () => {
    const left = (await listInstances(door)).map(({ id, state }) => `${id} ${state}`);
    return left.join() === `${second.id} INSTANCE_STATE_STOPPED`;
  });
  await service.healthy("configdrive.hosts");
  await agent.start();
  expect(await hostStates(door)).toMatchObject({ a: "LOST", b: "PRESENT" });
  expect(await reasonOf(runInstances(door, { ...(await pair("good")), host: "a" }))).toBe("HOST_UNKNOWN");
  await door.call("declare_host", { host: "a" });
  await hostsBecome(door, { a: "PRESENT" });
  // Nobody reached the host: what ran there goes on, and what is started again is found running. The first may have been ended by the
  // command that was on its way to the agent when it was killed.
  expect(await machines.ids()).toContain(second.id);
  expect((await changeInstance(door, "start_instance", second.id)).state).toBe("INSTANCE_STATE_RUNNING");
  await terminate(door, second.id);
  expect(await machines.ids()).not.toContain(second.id);
}, 120_000);
