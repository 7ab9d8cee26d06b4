import { createHash, randomUUID } from "node:crypto";
import { runCloudInit, setUpCloudInit } from "../images/guests/cloud-init-guest.js";
import { CallFailed } from "../rigs/door.js";
import { driveOf } from "../rigs/drive-answer.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import type { GuestCommands } from "../rigs/guest-commands.js";
import { blockDevices, deviceDigest, deviceWithLabel } from "../rigs/guest-view.js";
import { until } from "../rigs/wait.js";
import type { Backend } from "./backend.js";
import { changeInstance, type InstanceAnswer, listInstances, runInstances, terminate } from "./calls.js";
import { awaitGuest, booted } from "./launched-guest.js";

const USER_DATA = "#!/bin/sh\necho 'Gr\u00fc\u00dfe' > /run/greeting\n";
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8 someone@example";

/**
 * Which cases are played: all; those that differ by backend; or those that differ by what is between the service and the
 * backend. The short form plays all on one backend alone.
 */
export type Extent = "whole" | "backend" | "way";

/** What is true of every backend that runs instances, by what real guests see. */
export function instancesOn(title: string, open: () => Promise<Backend>, extent: Extent): void {
  describe(`instances on ${title}`, () => {
    let backend: Backend;
    let door: GrpcDoor;
    let number = 0;
    const guests: GuestCommands[] = [];

    beforeAll(async () => {
      backend = await open();
      door = new GrpcDoor(backend.runner.service.address);
    }, 120_000);
    afterEach(async () => {
      const left = await listInstances(door);
      if (left.length > 0) await terminate(door, ...left.map(({ id }) => id));
      for (const guest of guests.splice(0)) guest.close();
    });
    afterAll(async () => {
      await door?.[Symbol.asyncDispose]();
      await backend?.[Symbol.asyncDispose]();
    }, 60_000);

    /** Runs one instance and gives it with its guest, which has not booted yet. */
    async function run(args: object, cloudInit = false): Promise<[InstanceAnswer, GuestCommands]> {
      const name = `vm${++number}`;
      const guest = await listen(name);
      const template = await backend.template({ cloudInit });
      const [instance] = await runInstances(door, { name, template, ...args });
      if (instance === undefined) throw new Error("no instance was run");
      return [instance, guest];
    }

    async function listen(name: string): Promise<GuestCommands> {
      const guest = await awaitGuest(backend.directory, name);
      guests.push(guest);
      return guest;
    }

    const drive = async (id = "") => driveOf(await door.call("get_drive", { drive_id: id }));
    const blob = (bytes: Buffer) => ({ blob: { data: bytes.toString("base64") } });
    const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

    /** That nothing is left: no instance anywhere, and no file of the drive. */
    async function expectGone({ id, drive_ids: [driveId = ""] }: InstanceAnswer): Promise<void> {
      expect(await backend.there()).not.toContain(id);
      await expect(changeInstance(door, "get_instance", id)).rejects.toMatchObject({ reason: "INSTANCE_NOT_FOUND" });
      await expect(drive(driveId)).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
      expect(await backend.runner.filesOfDrive(driveId)).toEqual([]);
    }

    if (extent !== "way") {
      test("cloud-init finds the drive at the first boot, and is told who it is", async () => {
        const json = JSON.stringify({
          user_data: USER_DATA,
          keys: [{ name: "mine", data: KEY }],
          admin_pass: "hunter2",
        });
        const [instance, guest] = await run({ config_data: { layout: "LAYOUT_OPENSTACK", json } }, true);
        expect(instance).toMatchObject({ state: "INSTANCE_STATE_RUNNING", drive_ids: [expect.any(String)] });
        const [attachment] = (await drive(instance.drive_ids[0])).attachments;
        expect(attachment).toMatchObject({
          instance_id: instance.id,
          state: "ATTACHMENT_STATE_ATTACHED",
          observed_generation: 1,
        });
        expect(attachment?.device).toMatchObject({
          kind: "DEVICE_KIND_DISK",
          reason: expect.stringContaining("cloud-init"),
        });
        await booted(guest);
        await setUpCloudInit(guest);
        const seen = await runCloudInit(guest);
        expect(seen.identified).toBe("datasource_list: [ ConfigDrive, None ]");
        expect(seen.source).toContain("DataSourceConfigDrive [net,ver=2]");
        expect(seen).toMatchObject({ instanceId: instance.id, hostname: instance.name, publicKeys: [KEY] });
        expect(seen.userData.toString()).toBe(USER_DATA);
        expect(await backend.runner.logged()).not.toContain("hunter2");
        await terminate(door, instance.id);
        await expectGone(instance);
      }, 300_000);
    }

    test("dd reads exactly the blob; new content between stop and start shows at the start; a kept drive stays", async () => {
      const [first, second] = [Buffer.alloc(40_960, "one"), Buffer.alloc(61_440, "two")];
      const [instance, guest] = await run({ ...blob(first), delete_on_termination: false });
      await booted(guest);
      expect(await blockDevices(guest)).toEqual(["vda"]);
      expect(await deviceDigest(guest, "/dev/vda", first.length)).toBe(digest(first));

      const stopped = await changeInstance(door, "stop_instance", instance.id, { grace_seconds: 0 });
      expect(stopped.state).toBe("INSTANCE_STATE_STOPPED");
      guest.close();
      const driveId = instance.drive_ids[0] ?? "";
      const staged = {
        request_id: randomUUID(),
        drive_id: driveId,
        when_attached: "WHEN_ATTACHED_STAGE",
        ...blob(second),
      };
      await door.call("populate_volume", staged);
      const again = await listen(instance.name);
      expect((await changeInstance(door, "start_instance", instance.id)).state).toBe("INSTANCE_STATE_RUNNING");
      await booted(again);
      expect(await deviceDigest(again, "/dev/vda", second.length)).toBe(digest(second));
      expect((await drive(driveId)).attachments).toMatchObject([{ desired_generation: 2, observed_generation: 2 }]);

      await terminate(door, instance.id);
      await terminate(door, instance.id);
      expect(await backend.there()).toEqual([]);
      expect(await drive(driveId)).toMatchObject({ state: "DRIVE_STATE_AVAILABLE", attachments: [] });
      await door.call("delete_drive", { request_id: randomUUID(), drive_id: driveId });
    }, 300_000);

    const vfat: [string, string][] = extent === "whole" ? [["vfat", "DEVICE_KIND_DISK"]] : [];
    test.each([["iso9660", "DEVICE_KIND_CDROM"], ...vfat])(
      "files on %s are read from a %s, which can be taken while the guest runs",
      async (format, kind) => {
        const files = { files: [{ path: "openstack/config.json", text: '{"answer": 42}' }] };
        const [instance, guest] = await run({ files, format: `IMAGE_FORMAT_${format.toUpperCase()}` });
        await booted(guest);
        const device = await deviceWithLabel(guest, "config-2");
        expect(await guest.check(`mount -o ro ${device} /mnt && cat /mnt/openstack/config.json; umount /mnt`)).toBe(
          '{"answer": 42}',
        );
        const [driveId = ""] = instance.drive_ids;
        expect((await drive(driveId)).attachments[0]?.device.kind).toBe(kind);
        await door.call("detach_drive", { request_id: randomUUID(), drive_id: driveId });
        expect(await blockDevices(guest)).toEqual([]);
        await terminate(door, instance.id);
        await expectGone({ ...instance, drive_ids: [driveId] });
      },
      300_000,
    );

    test("the service says where it runs instances", async () => {
      expect(await door.call("get_capabilities", {})).toMatchObject({ launch_host: "compute-1" });
    });

    test("what cannot be is refused before anything is placed", async () => {
      const template = await backend.template();
      const content = blob(Buffer.alloc(512));
      const refused = async (args: object) => {
        const failed = await runInstances(door, { template, ...content, ...args }).catch((error: unknown) => error);
        if (!(failed instanceof CallFailed)) throw new Error("it was not refused");
        return [failed.reason, failed.message];
      };
      for (const [bad, field] of backend.badTemplates) {
        expect(await refused({ template: bad })).toEqual(["INVALID_ARGUMENT", expect.stringContaining(`${field}: `)]);
      }
      expect(await refused({ min_count: 6 })).toEqual(["QUOTA_EXCEEDED", expect.stringContaining("5 is the most")]);
      expect(await refused({ host: "elsewhere" })).toEqual(["HOST_UNKNOWN", expect.stringContaining("elsewhere")]);
      expect(await refused({ bus: "DEVICE_BUS_USB" })).toEqual([
        "BUS_NOT_AVAILABLE",
        expect.stringContaining("would work: "),
      ]);
      expect(await refused({ min_count: 2, max_count: 1 })).toEqual([
        "INVALID_ARGUMENT",
        expect.stringContaining("max_count"),
      ]);
      for (const method of ["stop_instance", "start_instance", "get_instance"]) {
        await expect(changeInstance(door, method, randomUUID())).rejects.toMatchObject({
          reason: "INSTANCE_NOT_FOUND",
        });
      }
      expect(await backend.there()).toEqual([]);
      expect(await listInstances(door)).toEqual([]);
      expect((await door.call("list_drives", {})).drives).toEqual([]);
    }, 60_000);

    test("a launch that fails leaves neither instance nor drive", async () => {
      const failing = await backend.failingTemplate();
      const failed = runInstances(door, { template: failing, min_count: 2, ...blob(Buffer.alloc(512)) });
      await expect(failed).rejects.toMatchObject({
        reason: "HYPERVISOR_FAILED",
        message: expect.not.stringContaining("hunter2"),
      });
      expect(await backend.runner.logged()).not.toContain("hunter2");
      expect(await backend.there()).toEqual([]);
      expect(await listInstances(door)).toEqual([]);
      expect((await door.call("list_drives", {})).drives).toEqual([]);
    }, 60_000);
    if (extent !== "whole") return;

    test("several at once; the same request gives the same instances; the service goes and comes, and finds them", async () => {
      const name = `many${++number}`;
      await Promise.all([0, 1, 2].map((index) => listen(`${name}-${index}`)));
      const request = {
        request_id: randomUUID(),
        name,
        template: await backend.template(),
        min_count: 3,
        ...blob(Buffer.alloc(512)),
      };
      const [first, second] = await Promise.all([runInstances(door, request), runInstances(door, request)]);
      const ids = first.map(({ id }) => id).sort();
      expect(ids).toHaveLength(3);
      expect(second.map(({ id }) => id).sort()).toEqual(ids);
      expect([...(await backend.there())].sort()).toEqual(ids);
      await backend.runner.service.kill();
      await backend.runner.service.start();
      await backend.runner.met();
      expect((await runInstances(door, request)).map(({ id }) => id).sort()).toEqual(ids);
      expect((await listInstances(door)).map(({ id, state }) => [id, state])).toEqual(
        ids.map((id) => [id, "INSTANCE_STATE_RUNNING"]),
      );
      await terminate(door, ...ids);
      expect(await backend.there()).toEqual([]);
      expect(await runInstances(door, request)).toEqual([]);
    }, 300_000);

    test("a guest that powers itself off is seen stopped", async () => {
      const [instance, guest] = await run(blob(Buffer.alloc(512)));
      await booted(guest);
      guest.close();
      await until(
        60_000,
        "the instance to be stopped",
        async () => (await changeInstance(door, "get_instance", instance.id)).state === "INSTANCE_STATE_STOPPED",
      );
    }, 120_000);
  });
}
