import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Agent } from "#integration/rigs/agent.js";
import { BareMachine } from "#integration/rigs/bare-machine.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { OsloClient } from "#integration/rigs/oslo-client.js";
import type { Service } from "#integration/rigs/service.js";
import { until } from "#integration/rigs/wait.js";
import { Cloud, change, get, hostsBecome, madeBy, populate, reasonOf } from "./cloud.js";

let cloud: Cloud;
let agents: readonly [Agent, Agent];
let service: Service;
let door: GrpcDoor;
let bus: OsloClient;
beforeAll(async () => {
  cloud = await Cloud.open();
  agents = [await cloud.agent(0), await cloud.agent(1)];
  service = await cloud.service("controller");
  door = new GrpcDoor(service.address);
  bus = await cloud.own(OsloClient.start(cloud.broker.transportUrl));
  await hostsBecome(door, { a: "PRESENT", b: "PRESENT" });
}, 120_000);
afterAll(async () => {
  await door?.[Symbol.asyncDispose]();
  await cloud?.[Symbol.asyncDispose]();
}, 60_000);

const MiB = 1 << 20;
const file = { path: "a/readme.txt", text: "drives\n" };
const noise = Buffer.from(Array.from({ length: 2 * MiB + 511 }, (_, at) => ((at * 2654435761) >>> 13) & 0xff));
const contents = {
  "iso9660 of a few files": { files: { files: [file] } },
  "vfat of 64 MiB, nearly all of it zero": {
    files: { files: [file] },
    format: "IMAGE_FORMAT_VFAT",
    size_bytes: 64 * MiB,
  },
  "a blob that needs three messages": { blob: { data: noise.toString("base64") } },
};

test.each(Object.entries(contents))(
  "%s: a guest of a host sees every byte, until it has the drive no more",
  async (_, content) => {
    const instance_id = randomUUID();
    await agents[1].run(instance_id);
    const { id } = await change(door, "populate_volume", content);
    const drive = await change(bus, "attach_drive", { drive_id: id, instance_id });
    expect(drive.attachments).toMatchObject([
      { instance_id, state: "ATTACHMENT_STATE_ATTACHED", observed_generation: 1 },
    ]);
    const made = await madeBy(service, id, 1);
    expect((await agents[1].seenBy(instance_id))[id]?.equals(made)).toBe(true);
    expect(await agents[0].files()).toEqual([]);
    await populate(bus, 7, { drive_id: id });
    await change(bus, "refresh_drive", { drive_id: id });
    expect((await agents[1].seenBy(instance_id))[id]?.equals(await madeBy(service, id, 2))).toBe(true);
    expect(await agents[1].files()).toEqual([`${id}/2.img`]);
    await change(door, "detach_drive", { drive_id: id });
    expect(await agents[1].seenBy(instance_id)).toEqual({});
    expect(await agents[1].files()).toEqual([]);
  },
);

test("instances unknown, on another host or on two are refused, and so are hosts without an agent", async () => {
  const [here, there, both] = [randomUUID(), randomUUID(), randomUUID()];
  for (const instance of [here, both]) await agents[0].run(instance);
  for (const instance of [there, both]) await agents[1].run(instance);
  const { id } = await populate(door, 1);
  const attach = (more: object) => reasonOf(change(bus, "attach_drive", { drive_id: id, ...more }));
  expect(await attach({ instance_id: both })).toBe("HOST_AMBIGUOUS");
  expect(await attach({ instance_id: there, host: "a" })).toBe("INSTANCE_NOT_FOUND");
  // At the beginning of a service an agent may not have been heard of yet.
  await until(40_000, "an unknown host to be known as such", async () => {
    const reason = await attach({ instance_id: here, host: "far" });
    expect(reason).toMatch(/^HOST_(UNKNOWN|UNREACHABLE)$/);
    return reason === "HOST_UNKNOWN";
  });
  expect(await attach({ instance_id: randomUUID() })).toBe("INSTANCE_NOT_FOUND");
  expect((await get(door, id)).attachments).toEqual([]);
  expect([...(await agents[0].files()), ...(await agents[1].files())]).toEqual([]);
  expect((await change(bus, "attach_drive", { drive_id: id, instance_id: both, host: "a" })).attachments).toHaveLength(
    1,
  );
  expect(await attach({ instance_id: both, host: "b" })).toBe("ATTACHED_ELSEWHERE");
  expect(await attach({ instance_id: here })).toBe("ATTACHED_ELSEWHERE");
  await change(door, "detach_drive", { drive_id: id });
}, 60_000);

test("a second agent of a host does not begin; one that leaves is away at once, and back when it begins again", async () => {
  await using second = await Agent.make(cloud.agentOptions(1, { host: "a" }));
  const process = await second.launch();
  await process.exit;
  expect(await second.logged()).toContain('"reason":"HOST_AMBIGUOUS"');
  await hostsBecome(door, { a: "PRESENT", b: "PRESENT" });
  expect(await agents[0].terminate()).toBe(0);
  await hostsBecome(door, { a: "AWAY" });
  expect(await service.health("configdrive.hosts")).toBe("NOT_SERVING");
  await agents[0].start();
  await hostsBecome(door, { a: "PRESENT" });
  await service.healthy("configdrive.hosts");
}, 60_000);

test("two agents that could not see each other begin both: the host is used again when one of them ends", async () => {
  const instance_id = randomUUID();
  await agents[0].run(instance_id);
  const { id } = await populate(door, 1);
  await using second = await Agent.make(cloud.agentOptions(1, { host: "a" }));
  // It is as blind as one that asked while the network was cut: nobody can answer its question.
  await agents[0].pause();
  await second.start();
  agents[0].resume();
  await hostsBecome(door, { a: "AMBIGUOUS" });
  const attach = () => change(door, "attach_drive", { drive_id: id, instance_id, host: "a" });
  expect(await reasonOf(attach())).toBe("HOST_UNREACHABLE");
  await second.terminate();
  await hostsBecome(door, { a: "PRESENT" });
  expect((await attach()).attachments).toHaveLength(1);
  await change(door, "detach_drive", { drive_id: id });
}, 60_000);

test("a machine of QEMU on another host: its monitor shows each generation, and none at the end", async () => {
  await using machine = await BareMachine.start("q35", ["virtio-scsi-pci,id=scsi0"]);
  const hypervisor = ["hypervisor = qemu", "[qemu]", `qmp_socket = ${machine.socketTemplate}`];
  await using agent = await Agent.start(cloud.agentOptions(1, { host: "c", hypervisor }));
  await hostsBecome(door, { c: "PRESENT" });
  const { id } = await populate(door, 1);
  const { instanceId: instance_id } = machine;
  const { attachments } = await change(bus, "attach_drive", { drive_id: id, instance_id, kind: "DEVICE_KIND_CDROM" });
  expect(attachments).toMatchObject([{ host: "c", device: { bus: "DEVICE_BUS_SCSI" } }]);
  const shown = async () => JSON.stringify(await machine.monitor("query-named-block-nodes"));
  expect(await shown()).toContain(`${agent.drives}/${id}/1.img`);
  expect((await readFile(`${agent.drives}/${id}/1.img`)).equals(await madeBy(service, id, 1))).toBe(true);
  await populate(door, 2, { drive_id: id });
  await change(bus, "refresh_drive", { drive_id: id });
  expect(await shown()).toContain(`${agent.drives}/${id}/2.img`);
  await change(bus, "detach_drive", { drive_id: id });
  expect(await shown()).not.toContain(id);
  expect(await agent.files()).toEqual([]);
}, 60_000);
