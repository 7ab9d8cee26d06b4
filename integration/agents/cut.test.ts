import { randomUUID } from "node:crypto";
import type { Agent } from "#integration/rigs/agent.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import type { Service } from "#integration/rigs/service.js";
import { atRest, Cloud, change, get, hostsBecome, populate, reasonOf } from "./cloud.js";

let cloud: Cloud;
let agents: readonly [Agent, Agent];
let service: Service;
let door: GrpcDoor;
beforeAll(async () => {
  cloud = await Cloud.open();
  agents = [await cloud.agent(0), await cloud.agent(1)];
  service = await cloud.service("controller");
  door = new GrpcDoor(service.address);
  await hostsBecome(door, { a: "PRESENT", b: "PRESENT" });
}, 120_000);
afterAll(async () => {
  await door?.[Symbol.asyncDispose]();
  await cloud?.[Symbol.asyncDispose]();
}, 60_000);

const cuts = {
  "a link that is down": () => cloud.networks[0].cut(),
  "a host that hears nothing but is heard": () => cloud.networks[0].deafen(),
};

test.each(Object.entries(cuts))(
  "%s: what had begun waits, what had not is refused, the other host goes on; all is done when it is back",
  async (_, cut) => {
    const [there, elsewhere] = [randomUUID(), randomUUID()];
    await agents[0].run(there);
    await agents[1].run(elsewhere);
    const [leaving, changing, coming, other] = await Promise.all([1, 2, 3, 4].map((fill) => populate(door, fill)));
    if (leaving === undefined || changing === undefined || coming === undefined || other === undefined) return;
    for (const { id } of [leaving, changing]) await change(door, "attach_drive", { drive_id: id, instance_id: there });
    await populate(door, 9, { drive_id: changing.id });

    await cut();
    try {
      const begun = [
        { method: "detach_drive", args: { request_id: randomUUID(), drive_id: leaving.id } },
        { method: "refresh_drive", args: { request_id: randomUUID(), drive_id: changing.id } },
      ];
      const refused = await Promise.all(begun.map(({ method, args }) => reasonOf(change(door, method, args))));
      expect(refused).toEqual(["HOST_UNREACHABLE", "HOST_UNREACHABLE"]);
      await hostsBecome(door, { a: "AWAY", b: "PRESENT" });
      expect((await get(door, leaving.id)).attachments).toMatchObject([{ state: "ATTACHMENT_STATE_DETACHING" }]);
      expect((await get(door, changing.id)).attachments).toMatchObject([{ state: "ATTACHMENT_STATE_REFRESHING" }]);
      for (const more of [{ host: "a" }, {}]) {
        const attach = change(door, "attach_drive", { drive_id: coming.id, instance_id: there, ...more });
        expect(await reasonOf(attach)).toBe("HOST_UNREACHABLE");
      }
      expect(await get(door, coming.id)).toMatchObject({ state: "DRIVE_STATE_AVAILABLE", attachments: [] });
      await change(door, "attach_drive", { drive_id: other.id, instance_id: elsewhere });
      expect((await agents[1].seenBy(elsewhere))[other.id]).toEqual(Buffer.alloc(8192, 4));
      await change(door, "detach_drive", { drive_id: other.id });
    } finally {
      await cloud.networks[0].mend();
    }
    await hostsBecome(door, { a: "PRESENT" });
    expect(await atRest(door, leaving.id)).toMatchObject({ state: "DRIVE_STATE_AVAILABLE" });
    expect(await atRest(door, changing.id)).toMatchObject({ state: "DRIVE_STATE_IN_USE", applied_generation: 2 });
    expect(await agents[0].seenBy(there)).toEqual({ [changing.id]: Buffer.alloc(8192, 9) });
    await change(door, "attach_drive", { drive_id: coming.id, instance_id: there });
    expect((await agents[0].seenBy(there))[coming.id]).toEqual(Buffer.alloc(8192, 3));
    for (const { id } of [changing, coming]) await change(door, "detach_drive", { drive_id: id });
    expect(await agents[0].files()).toEqual([]);
  },
  120_000,
);
