import { createHash, randomBytes, randomUUID } from "node:crypto";
import { rowsOfDrive } from "#integration/rigs/catalog-view.js";
import type { Door } from "#integration/rigs/door.js";
import { driveOf, pendingOf } from "#integration/rigs/drive-answer.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { Guest, type Machine } from "#integration/rigs/guest.js";
import {
  blockDevices,
  deviceDigest,
  deviceGone,
  deviceSize,
  deviceWithLabel,
  fileDigests,
  newDevice,
} from "#integration/rigs/guest-view.js";
import { askedDigests, novaTree } from "#integration/rigs/nova-tree.js";
import { OsloClient } from "#integration/rigs/oslo-client.js";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import { Scope } from "#integration/rigs/scope.js";
import { Service } from "#integration/rigs/service.js";

const machines: Machine[] = ["pc", "q35"];
const doorNames: Door["name"][] = ["bus", "gRPC"];
const scope = new Scope();
const guests = new Map<Machine, Guest>();
const doors = new Map<Door["name"], Door>();
let service: Service;

beforeAll(async () => {
  const broker = await scope.own(RabbitMq.start());
  service = await scope.own(Service.start({ transportUrl: broker.transportUrl }));
  for (const machine of machines) {
    guests.set(machine, await scope.own(Guest.start({ machine, sockets: service.sockets })));
  }
  doors.set("bus", await scope.own(OsloClient.start(broker.transportUrl)));
  doors.set("gRPC", await scope.own(Promise.resolve(new GrpcDoor(service.address))));
}, 180_000);

afterAll(() => scope[Symbol.asyncDispose](), 60_000);

describe.each(machines)("on %s", (machine) => {
  describe.each(doorNames)("over %s", (doorName) => {
    /** Calls a mutating method, each time under a request id of its own. */
    const call = (method: string, args: object) =>
      doors.get(doorName)!.call(method, { request_id: randomUUID(), ...args });

    test("a config drive lives from its first generation to its end", async () => {
      const guest = guests.get(machine)!;
      const tree = (userData: string) => novaTree({ instanceId: guest.instanceId, hostname: "web-1", userData });
      const files = tree("#cloud-config\n# one\n");
      const made = driveOf(await call("populate_volume", { files: { files } }));
      expect(made).toMatchObject({ state: "DRIVE_STATE_AVAILABLE", pending_generation: 1, applied_generation: 0 });
      expect(pendingOf(made)).toMatchObject({ format: "IMAGE_FORMAT_ISO9660", label: "config-2" });

      const attached = driveOf(await call("attach_drive", { drive_id: made.id, instance_id: guest.instanceId }));
      expect(attached).toMatchObject({ state: "DRIVE_STATE_IN_USE", applied_generation: 1 });
      expect(attached.attachments).toMatchObject([
        { instance_id: guest.instanceId, device: { kind: "DEVICE_KIND_CDROM", bus: "DEVICE_BUS_SCSI" } },
      ]);
      const device = await deviceWithLabel(guest, "config-2");
      expect(await deviceDigest(guest, device, pendingOf(made).size_bytes)).toBe(pendingOf(made).sha256);
      expect(await fileDigests(guest, device)).toEqual(askedDigests(files));

      const changed = tree("#cloud-config\n# two\n");
      const staged = driveOf(
        await call("populate_volume", {
          drive_id: made.id,
          files: { files: changed },
          when_attached: "WHEN_ATTACHED_STAGE",
        }),
      );
      expect(staged).toMatchObject({ pending_generation: 2, applied_generation: 1 });
      expect(await fileDigests(guest, device)).toEqual(askedDigests(files));
      const refreshed = driveOf(await call("refresh_drive", { drive_id: made.id }));
      expect(refreshed).toMatchObject({ state: "DRIVE_STATE_IN_USE", applied_generation: 2 });
      expect(await deviceWithLabel(guest, "config-2")).toBe(device);
      expect(await deviceDigest(guest, device, pendingOf(staged).size_bytes)).toBe(pendingOf(staged).sha256);
      expect(await fileDigests(guest, device)).toEqual(askedDigests(changed));

      const detached = driveOf(await call("detach_drive", { drive_id: made.id, instance_id: guest.instanceId }));
      expect(detached).toMatchObject({ state: "DRIVE_STATE_AVAILABLE", applied_generation: 0, attachments: [] });
      await deviceGone(guest, device);

      expect(await service.filesOfDrive(made.id)).not.toEqual([]);
      expect((await rowsOfDrive(service.catalog, made.id)).get("drives")).toBe(1);
      await call("delete_drive", { drive_id: made.id });
      expect(await service.filesOfDrive(made.id)).toEqual([]);
      expect([...(await rowsOfDrive(service.catalog, made.id)).values()]).toEqual([0, 0, 0, 0, 0]);
      await expect(doors.get(doorName)!.call("get_drive", { drive_id: made.id })).rejects.toMatchObject({
        reason: "DRIVE_NOT_FOUND",
      });
    }, 120_000);

    test("a guest's dd of a blob gives exactly its bytes, and new bytes after a refresh", async () => {
      const guest = guests.get(machine)!;
      const blobs = [randomBytes(3 * 512 + 512 * 1024), randomBytes(512)];
      const before = await blockDevices(guest);
      let driveId = "";
      for (const [index, data] of blobs.entries()) {
        const blob = { data: data.toString("base64") };
        const when = index === 0 ? {} : { drive_id: driveId, when_attached: "WHEN_ATTACHED_REFRESH" };
        const drive = driveOf(await call("populate_volume", { blob, ...when }));
        driveId = drive.id;
        expect(pendingOf(drive)).toMatchObject({ format: "IMAGE_FORMAT_RAW", size_bytes: data.length });
        if (index === 0) await call("attach_drive", { drive_id: driveId, instance_id: guest.instanceId });
        const device = await newDevice(guest, before);
        expect(await deviceSize(guest, device)).toBe(data.length);
        expect(await deviceDigest(guest, device, data.length)).toBe(createHash("sha256").update(data).digest("hex"));
      }
      await call("detach_drive", { drive_id: driveId });
      await call("delete_drive", { drive_id: driveId });
      expect(await blockDevices(guest)).toEqual(before);
    }, 120_000);

    test("a config drive as a virtio disk is found by its label too", async () => {
      const guest = guests.get(machine)!;
      const files = novaTree({ instanceId: guest.instanceId, hostname: "web-1", userData: "#!/bin/sh\n" });
      const { id } = driveOf(await call("populate_volume", { files: { files } }));
      const wish = { kind: "DEVICE_KIND_DISK", bus: "DEVICE_BUS_VIRTIO" };
      await call("attach_drive", { drive_id: id, instance_id: guest.instanceId, ...wish });
      const device = await deviceWithLabel(guest, "config-2");
      expect(device).toMatch(/^\/dev\/vd/);
      expect(await fileDigests(guest, device)).toEqual(askedDigests(files));
      await call("detach_drive", { drive_id: id });
      await deviceGone(guest, device);
      await call("delete_drive", { drive_id: id });
    }, 120_000);
  });
});
