import { BareMachine } from "#integration/rigs/bare-machine.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { Service } from "#integration/rigs/service.js";
import { until } from "#integration/rigs/wait.js";
import { change, get, populate } from "./calls.js";
import { logged } from "./logged.js";

/** A service with a drive that a guest holds on to: its detach takes as long as the guest may take. */
async function holding(machine: BareMachine, config: readonly string[]) {
  const service = await Service.start({ qmpSocket: machine.socketTemplate, config });
  const door = new GrpcDoor(service.address);
  const drive = await populate(door, 1);
  await change(door, "attach_drive", drive.id, {
    instance_id: machine.instanceId,
    kind: "DEVICE_KIND_DISK",
    bus: "DEVICE_BUS_VIRTIO",
  });
  const detaching = change(door, "detach_drive", drive.id);
  detaching.catch(() => undefined);
  await machine.inUse();
  return { service, door, drive, detaching };
}

test("SIGTERM lets what is under way come to its end, takes nothing new, and ends with 0", async () => {
  await using machine = await BareMachine.start("pc", []);
  const { service, door, detaching } = await holding(machine, ["unplug_timeout = 3"]);
  await using _service = service;
  await using _door = door;
  const ended = service.terminate();
  await logged(service, "draining");
  await expect(populate(new GrpcDoor(service.address), 2)).rejects.toMatchObject({ kind: "UNAVAILABLE" });
  await expect(detaching).rejects.toMatchObject({ reason: "DEVICE_BUSY" });
  expect(await ended).toBe(0);
}, 120_000);

test("what the deadline leaves is taken up at the next start", async () => {
  await using machine = await BareMachine.start("pc", []);
  const { service, door, drive, detaching } = await holding(machine, [
    "unplug_timeout = 60",
    "[DEFAULT]",
    "graceful_shutdown_timeout = 0.5",
  ]);
  await using _service = service;
  await using _door = door;
  expect(await service.terminate()).toBe(0);
  await expect(detaching).rejects.toMatchObject({ reason: "SHUTTING_DOWN" });
  await machine.kill();
  await service.start();
  await until(60_000, "the detach to be carried out", async () => {
    const { state } = await get(new GrpcDoor(service.address), drive.id);
    return state === "DRIVE_STATE_AVAILABLE";
  });
}, 120_000);

test("a second signal ends it at once", async () => {
  await using machine = await BareMachine.start("pc", []);
  const { service, door } = await holding(machine, ["unplug_timeout = 60"]);
  await using _service = service;
  await using _door = door;
  const ended = service.terminate();
  await logged(service, "draining");
  process.kill(service.pid, "SIGTERM");
  expect(await ended).toBe(128 + 15);
}, 120_000);

test("a service that is told to stop while it waits for the broker does so", async () => {
  await using service = await Service.make({ transportUrl: "rabbit://127.0.0.1:1/" });
  await service.start();
  expect(await service.terminate()).toBe(0);
  expect(await service.logged()).toContain('"event":"stopped"');
}, 120_000);
