import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { driveOf, pendingOf } from "../rigs/drive-answer.js";
import { blob, change, get, type Parties, refusedTenTimes, remove, sameTenTimes, TIMES } from "./parties.js";

const etagged = z.object({ drive: z.object({ etag: z.string(), delete_on_termination: z.boolean() }) });

/** The contract of drives that nobody has. */
export function driveCases(parties: () => Parties): void {
  test("PopulateVolume: the same request makes one drive, however often it is made", async () => {
    const { door, others } = parties();
    const args = blob("once");
    const { id } = driveOf(await sameTenTimes(door, "populate_volume", args));
    const together = others.flatMap((one) => Array.from({ length: TIMES }, () => one.call("populate_volume", args)));
    for (const answer of await Promise.all(together)) expect(driveOf(answer).id).toBe(id);
    expect((await get(door, id)).generations).toHaveLength(1);
    await remove(door, id);
  });

  test("PopulateVolume: another request under the same id is refused, and the drive stays as it was", async () => {
    const { door } = parties();
    const args = blob("first");
    const drive = await change(door, "populate_volume", args);
    await refusedTenTimes(
      door,
      "populate_volume",
      { ...blob("second"), request_id: args.request_id },
      "REQUEST_ID_REUSED",
    );
    expect(await get(door, drive.id)).toEqual(drive);
    await remove(door, drive.id);
  });

  test("PopulateVolume: into a drive, each request makes the next generation, and its digest is that of the bytes", async () => {
    const { door } = parties();
    const { id } = await change(door, "populate_volume", blob("generation 1"));
    for (let number = 2; number <= TIMES; number += 1) {
      const args = { ...blob(`generation ${number}`), drive_id: id };
      const drive = driveOf(await sameTenTimes(door, "populate_volume", args));
      const sha256 = createHash("sha256").update(Buffer.from(args.blob.data, "base64")).digest("hex");
      expect(pendingOf(drive)).toMatchObject({ number, sha256, size_bytes: 512, state: "GENERATION_STATE_READY" });
    }
    await remove(door, id);
  });

  test("validate_only: tells what a request would do, and does nothing", async () => {
    const { door } = parties();
    const made = await change(door, "populate_volume", blob("kept"));
    await sameTenTimes(door, "delete_drive", { request_id: randomUUID(), drive_id: made.id, validate_only: true });
    const other = { ...blob("other"), drive_id: made.id, validate_only: true };
    for (let time = 0; time < TIMES; time += 1) await door.call("populate_volume", other);
    expect(await get(door, made.id)).toEqual(made);
    await remove(door, made.id);
  });

  test("UpdateDrive: changes what it names once, and refuses an etag that is not the drive's", async () => {
    const { door } = parties();
    const { id } = await change(door, "populate_volume", blob("policy"));
    const before = etagged.parse(await door.call("get_drive", { drive_id: id })).drive;
    expect(before.delete_on_termination).toBe(true);
    const keep = { request_id: randomUUID(), drive_id: id, delete_on_termination: false, etag: before.etag };
    const after = etagged.parse(await sameTenTimes(door, "update_drive", keep)).drive;
    expect(after.delete_on_termination).toBe(false);
    expect(after.etag).not.toBe(before.etag);
    const late = { request_id: randomUUID(), drive_id: id, delete_on_termination: true, etag: before.etag };
    await refusedTenTimes(door, "update_drive", late, "ETAG_MISMATCH");
    await remove(door, id);
  });

  test("InspectDrive and DiffDrive: tell the same each time, and change nothing", async () => {
    const { door } = parties();
    const files = { files: [{ path: "a/é.txt", text: "é" }] };
    const drive = await change(door, "populate_volume", { files });
    const { image } = await sameTenTimes(door, "inspect_drive", { drive_id: drive.id });
    expect(JSON.stringify(image)).toContain(createHash("sha256").update("é").digest("hex"));
    expect(await sameTenTimes(door, "diff_drive", { drive_id: drive.id })).toMatchObject({ pending_generation: 1 });
    expect(await get(door, drive.id)).toEqual(drive);
    await remove(door, drive.id);
  });

  test("DeleteDrive: a drive is gone after the first time, and every time again is a success", async () => {
    const { door } = parties();
    const { id } = await change(door, "populate_volume", blob("short-lived"));
    await sameTenTimes(door, "delete_drive", { request_id: randomUUID(), drive_id: id });
    for (let time = 0; time < TIMES; time += 1) await remove(door, id);
    await refusedTenTimes(door, "get_drive", { drive_id: id }, "DRIVE_NOT_FOUND");
  });

  test("every method: a drive that does not exist is DRIVE_NOT_FOUND, but to delete it is a success", async () => {
    const { door } = parties();
    const drive_id = randomUUID();
    const instance = { instance_id: "vm-1" };
    const calls: [string, object][] = [
      ["get_drive", {}],
      ["inspect_drive", {}],
      ["diff_drive", {}],
      ["populate_volume", blob("nowhere")],
      ["attach_drive", { request_id: randomUUID(), ...instance }],
      ["refresh_drive", { request_id: randomUUID() }],
      ["detach_drive", { request_id: randomUUID() }],
      ["update_drive", { request_id: randomUUID(), delete_on_termination: false }],
    ];
    for (const [method, args] of calls) await refusedTenTimes(door, method, { ...args, drive_id }, "DRIVE_NOT_FOUND");
    await sameTenTimes(door, "delete_drive", { request_id: randomUUID(), drive_id });
  });

  test("ListDrives: every drive is on exactly one page, whatever the size of the pages", async () => {
    const { door } = parties();
    const made: string[] = [];
    for (let count = 0; count < 7; count += 1) made.push((await change(door, "populate_volume", blob(`${count}`))).id);
    for (const page_size of [1, 3, 1000]) {
      const listed: string[] = [];
      let page_token: unknown = "";
      do {
        const page = await door.call("list_drives", { page_size, page_token });
        if (!Array.isArray(page.drives)) throw new Error("drives is a list");
        listed.push(...page.drives.map((drive) => driveOf({ drive }).id));
        page_token = page.next_page_token;
      } while (page_token !== "");
      expect(new Set(listed).size).toBe(listed.length);
      expect(listed).toEqual(expect.arrayContaining(made));
    }
    for (const id of made) await remove(door, id);
  });

  test("all doors tell the same of a drive", async () => {
    const { door, others } = parties();
    const drive = await change(door, "populate_volume", blob("seen by all"));
    for (const other of others) expect(await get(other, drive.id)).toEqual(drive);
    await remove(door, drive.id);
  });
}
