import { randomUUID } from "node:crypto";
import { driveOf } from "../rigs/drive-answer.js";
import { blob, change, get, type Parties, refusedTenTimes, remove, sameTenTimes, TIMES } from "./parties.js";

/** The contract of drives that instances have. */
export function attachmentCases(parties: () => Parties): void {
  /** A drive that the first instance has. */
  const attached = async ({ door, instances }: Parties, text: string) => {
    const { id } = await change(door, "populate_volume", blob(text));
    return await change(door, "attach_drive", { drive_id: id, instance_id: instances[0] });
  };
  const away = async ({ door }: Parties, drive_id: string) => {
    await change(door, "detach_drive", { drive_id });
    await remove(door, drive_id);
  };

  test("AttachDrive: the same request, and another one for the same instance, are successes and attach it once", async () => {
    const all = parties();
    const { door, instances } = all;
    const { id } = await change(door, "populate_volume", blob("attached"));
    const args = { request_id: randomUUID(), drive_id: id, instance_id: instances[0] };
    const drive = driveOf(await sameTenTimes(door, "attach_drive", args));
    expect(drive).toMatchObject({ state: "DRIVE_STATE_IN_USE", applied_generation: 1 });
    for (let time = 0; time < TIMES; time += 1) {
      const { attachments } = await change(door, "attach_drive", { drive_id: id, instance_id: instances[0] });
      expect(attachments).toEqual(drive.attachments);
    }
    await away(all, id);
  });

  test("AttachDrive: a drive that another instance has is refused, and stays where it is", async () => {
    const all = parties();
    const { door, instances } = all;
    const drive = await attached(all, "taken");
    const args = { request_id: randomUUID(), drive_id: drive.id, instance_id: instances[1] };
    await refusedTenTimes(door, "attach_drive", args, "ATTACHED_ELSEWHERE");
    expect(await get(door, drive.id)).toEqual(drive);
    await away(all, drive.id);
  });

  test("AttachDrive: an instance that does not exist is refused, and the drive can be attached afterwards", async () => {
    const all = parties();
    const { door, instances } = all;
    const { id } = await change(door, "populate_volume", blob("nowhere to go"));
    const args = { request_id: randomUUID(), drive_id: id, instance_id: `no-${randomUUID()}` };
    await refusedTenTimes(door, "attach_drive", args, "INSTANCE_NOT_FOUND");
    await change(door, "attach_drive", { drive_id: id, instance_id: instances[0] });
    await away(all, id);
  });

  test("ListDrives: by instance, exactly the drives that it has", async () => {
    const all = parties();
    const { door, instances } = all;
    const drive = await attached(all, "listed");
    const listed = async (instance_id: string | undefined) => {
      const { drives } = await sameTenTimes(door, "list_drives", { instance_id, page_size: 1000 });
      return Array.isArray(drives) ? drives.map((one) => driveOf({ drive: one }).id) : [];
    };
    expect(await listed(instances[0])).toContain(drive.id);
    expect(await listed(instances[1])).not.toContain(drive.id);
    await away(all, drive.id);
    expect(await listed(instances[0])).not.toContain(drive.id);
  });

  test("ListDrives: by host, and by whether somebody has them, alone and together", async () => {
    const all = parties();
    const { door, instances } = all;
    const drive = await attached(all, "held");
    const { id: free } = await change(door, "populate_volume", blob("free"));
    const host = drive.attachments[0]?.host;
    /** Of the two drives, those that are listed, each time: others may come and go meanwhile. */
    const listed = async (filter: object) => {
      const answers: string[][] = [];
      for (let time = 0; time < TIMES; time += 1) {
        const { drives } = await door.call("list_drives", { ...filter, page_size: 1000 });
        const ids = Array.isArray(drives) ? drives.map((one) => driveOf({ drive: one }).id) : [];
        answers.push(ids.filter((id) => id === drive.id || id === free));
      }
      const [first = []] = answers;
      for (const answer of answers) expect(answer).toEqual(first);
      return first;
    };
    expect(await listed({})).toEqual([drive.id, free].sort());
    for (const filter of [{ host }, { attached: true }, { host, attached: true, instance_id: instances[0] }]) {
      expect(await listed(filter)).toEqual([drive.id]);
    }
    expect(await listed({ attached: false })).toEqual([free]);
    for (const filter of [
      { host: `no-${randomUUID()}` },
      { host, attached: false },
      { host, instance_id: instances[1] },
    ]) {
      expect(await listed(filter)).toEqual([]);
    }
    await away(all, drive.id);
    expect(await listed({ host })).toEqual([]);
    await remove(door, free);
  });

  test("DeleteDrive and PopulateVolume: a drive that is attached is refused, unless it is to be staged or refreshed", async () => {
    const all = parties();
    const { door } = all;
    const { id } = await attached(all, "in use");
    await refusedTenTimes(door, "delete_drive", { request_id: randomUUID(), drive_id: id }, "DRIVE_ATTACHED");
    await refusedTenTimes(door, "populate_volume", { ...blob("new"), drive_id: id }, "DRIVE_ATTACHED");
    const staged = { ...blob("staged"), drive_id: id, when_attached: "WHEN_ATTACHED_STAGE" };
    expect(driveOf(await sameTenTimes(door, "populate_volume", staged))).toMatchObject({
      pending_generation: 2,
      applied_generation: 1,
    });
    const shown = { ...blob("shown"), drive_id: id, when_attached: "WHEN_ATTACHED_REFRESH" };
    expect(driveOf(await sameTenTimes(door, "populate_volume", shown))).toMatchObject({
      pending_generation: 3,
      applied_generation: 3,
    });
    await away(all, id);
  });

  test("RefreshDrive: shows what is pending, and again is a success; a drive that nobody has is refused", async () => {
    const all = parties();
    const { door } = all;
    const { id } = await attached(all, "old");
    await change(door, "populate_volume", { ...blob("new"), drive_id: id, when_attached: "WHEN_ATTACHED_STAGE" });
    for (let time = 0; time < TIMES; time += 1) {
      const args = { request_id: randomUUID(), drive_id: id };
      expect(driveOf(await door.call("refresh_drive", args))).toMatchObject({ applied_generation: 2 });
    }
    await change(door, "detach_drive", { drive_id: id });
    await refusedTenTimes(door, "refresh_drive", { request_id: randomUUID(), drive_id: id }, "NOT_ATTACHED");
    await remove(door, id);
  });

  test("ReleaseInstance: ephemeral drives go and the others stay, the detached ones too; the same request has the same answer", async () => {
    const all = parties();
    const { door, instances } = all;
    const { id } = await attached(all, "goes with its instance");
    const detached = await attached(all, "was detached before");
    await change(door, "detach_drive", { drive_id: detached.id });
    const kept = await change(door, "populate_volume", { ...blob("stays"), delete_on_termination: false });
    await change(door, "attach_drive", { drive_id: kept.id, instance_id: instances[0] });
    const args = { request_id: randomUUID(), instance_id: instances[0] };
    const deleted_drive_ids = [id, detached.id].sort();
    // Against a service that is somebody's: only if nothing else would go.
    const planned = await door.call("release_instance", { ...args, validate_only: true });
    expect(planned).toMatchObject({ deleted_drive_ids, kept_drives: [{ id: kept.id }] });
    const answer = await sameTenTimes(door, "release_instance", args);
    expect(answer).toMatchObject({
      deleted_drive_ids,
      kept_drives: [{ id: kept.id, attachments: [], state: "DRIVE_STATE_AVAILABLE" }],
    });
    await refusedTenTimes(door, "get_drive", { drive_id: id }, "DRIVE_NOT_FOUND");
    const other = { ...args, instance_id: instances[1] };
    await refusedTenTimes(door, "release_instance", other, "REQUEST_ID_REUSED");
    await remove(door, kept.id);
  });

  test("DetachDrive: is done once, and again is a success; another instance's drive is refused", async () => {
    const all = parties();
    const { door, instances } = all;
    const { id } = await attached(all, "leaving");
    const wrong = { request_id: randomUUID(), drive_id: id, instance_id: instances[1] };
    await refusedTenTimes(door, "detach_drive", wrong, "NOT_ATTACHED");
    const args = { request_id: randomUUID(), drive_id: id, instance_id: instances[0] };
    expect(driveOf(await sameTenTimes(door, "detach_drive", args)).attachments).toEqual([]);
    for (let time = 0; time < TIMES; time += 1) {
      expect((await change(door, "detach_drive", { drive_id: id })).attachments).toEqual([]);
    }
    await remove(door, id);
  });
}
