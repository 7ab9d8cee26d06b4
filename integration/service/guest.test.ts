import { randomUUID } from "node:crypto";
import { BareMachine } from "#integration/rigs/bare-machine.js";
import type { Door } from "#integration/rigs/door.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { OsloClient } from "#integration/rigs/oslo-client.js";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import { Service } from "#integration/rigs/service.js";
import { change, get, populate } from "./calls.js";

const CONTROLLER = "virtio-scsi-pci,id=scsi0";

let broker: RabbitMq;
let machine: BareMachine;
let service: Service;
let doors: { gRPC: GrpcDoor; bus: OsloClient };

beforeAll(async () => {
  [broker, machine] = await Promise.all([RabbitMq.start(), BareMachine.start("pc", [CONTROLLER])]);
  service = await Service.start({
    transportUrl: broker.transportUrl,
    qmpSocket: machine.socketTemplate,
    config: ["unplug_timeout = 0.5", "[DEFAULT]", "debug = true"],
  });
  doors = { gRPC: new GrpcDoor(service.address), bus: await OsloClient.start(broker.transportUrl) };
}, 120_000);

afterAll(async () => {
  for (const each of [doors?.gRPC, doors?.bus, service, machine, broker]) await each?.[Symbol.asyncDispose]();
}, 60_000);

describe.each(["gRPC", "bus"] as const)("over %s", (name) => {
  const door = (): Door => doors[name];
  const attach = (driveId: string, more: object = {}) =>
    change(door(), "attach_drive", driveId, { instance_id: machine.instanceId, ...more });

  test("an instance without a monitor is not found, and the drive is as before", async () => {
    const drive = await populate(door(), 1);
    const failing = change(door(), "attach_drive", drive.id, { instance_id: "no-such-vm" });
    await expect(failing).rejects.toMatchObject({ reason: "INSTANCE_NOT_FOUND" });
    expect(await get(door(), drive.id)).toMatchObject({ state: "DRIVE_STATE_AVAILABLE", attachments: [] });
  }, 120_000);

  test("a guest that keeps its device is busy, and the drive is as before", async () => {
    const drive = await populate(door(), 1);
    const attached = await attach(drive.id, { kind: "DEVICE_KIND_DISK", bus: "DEVICE_BUS_VIRTIO" });
    await populate(door(), 2, drive.id);
    for (const method of ["detach_drive", "refresh_drive"] as const) {
      await expect(change(door(), method, drive.id)).rejects.toMatchObject({ reason: "DEVICE_BUSY" });
      expect(await get(door(), drive.id)).toMatchObject({
        state: "DRIVE_STATE_IN_USE",
        pending_generation: 2,
        applied_generation: 1,
        attachments: attached.attachments,
      });
    }
  }, 120_000);

  test("a machine without room is told what would work", async () => {
    const drive = await populate(door(), 1);
    await expect(attach(drive.id, { bus: "DEVICE_BUS_USB" })).rejects.toMatchObject({
      reason: "BUS_NOT_AVAILABLE",
      message: expect.stringContaining("would work: "),
    });
  }, 120_000);

  test("an instance id that would leave the folder of the sockets is refused", async () => {
    const drive = await populate(door(), 1);
    const failing = change(door(), "attach_drive", drive.id, { instance_id: "../vm-1" });
    await expect(failing).rejects.toMatchObject({ reason: "INVALID_ARGUMENT", message: /instance_id/ });
  }, 120_000);

  test("the same attach again is the same drive", async () => {
    const drive = await populate(door(), 1);
    const wish = { instance_id: machine.instanceId, kind: "DEVICE_KIND_CDROM" };
    const request = { request_id: randomUUID(), drive_id: drive.id, ...wish };
    const first = await door().call("attach_drive", request);
    expect(await door().call("attach_drive", request)).toEqual(first);
    await change(door(), "detach_drive", drive.id);
  }, 120_000);

  test("a guest that is gone shows the new content at its next start; until then a detach frees the drive", async () => {
    await using gone = await BareMachine.start("pc", [CONTROLLER], machine);
    const drive = await populate(door(), 1);
    await change(door(), "attach_drive", drive.id, { instance_id: gone.instanceId });
    await populate(door(), 2, drive.id);
    await gone.kill();
    expect(await change(door(), "refresh_drive", drive.id)).toMatchObject({
      state: "DRIVE_STATE_IN_USE",
      applied_generation: 0,
      attachments: [{ desired_generation: 2, observed_generation: 0 }],
    });
    const free = await change(door(), "detach_drive", drive.id);
    expect(free).toMatchObject({ state: "DRIVE_STATE_AVAILABLE", attachments: [] });
  }, 120_000);
});
