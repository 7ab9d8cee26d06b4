import { createHash, randomUUID } from "node:crypto";
import { copyFile, mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DriveClient } from "#grpc/client.js";
import { databaseKinds, startDatabases } from "../rigs/databases.js";
import { CallFailed } from "../rigs/door.js";
import type { DriveAnswer } from "../rigs/drive-answer.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { until } from "../rigs/wait.js";
import { base64, blob, change, get } from "./parties.js";

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const padded = (text: string) => text.padEnd(512, "\n");

test.each(databaseKinds)(
  "a catalog on %s that was backed up in use is restored with drives in use, and no drive of it is lost",
  async (kind) => {
    const scope = new Scope();
    const home = await privateDirectory("restore");
    try {
      const instances = join(home, "instances");
      for (const name of ["vm-1", "vm-2"]) await mkdir(join(instances, name), { recursive: true });
      const databases = await scope.own(startDatabases(kind));
      const connection = await databases.createDatabase();
      const copy = join(home, "copy");
      const config = kind === "sqlite" ? ["[catalog]", `backup_file = ${copy}`, "backup_interval = 1"] : [];
      const service = await scope.own(Service.start({ connection, instances, config: [...config] }));
      const door = await scope.own(Promise.resolve(new GrpcDoor(service.address)));
      const attach = (drive_id: string, instance_id: string) => change(door, "attach_drive", { drive_id, instance_id });
      const rewrite = (drive_id: string, text: string, when_attached: string) =>
        change(door, "populate_volume", { blob: { data: base64(padded(text)) }, drive_id, when_attached });
      const make = (text: string) => change(door, "populate_volume", blob(text));
      /** What an instance reads of a drive. */
      const seen = async (instance: string, drive: DriveAnswer) =>
        String(await readFile(join(instances, instance, `${drive.id}.img`), "utf8"));

      const shown = await make("shown");
      const staged = await make("staged");
      const detached = await make("detached");
      const deleted = await make("deleted afterwards");
      const moved = await make("moved afterwards");
      for (const { id } of [shown, staged, deleted]) await attach(id, "vm-1");
      await rewrite(staged.id, "staged, not yet seen", "WHEN_ATTACHED_STAGE");
      const before = await Promise.all(
        [shown, staged, detached, deleted, moved].map(async ({ id }) => [id, await get(door, id)] as const),
      );

      // Callers work while the backup is made.
      let calling = true;
      const callers = Promise.all(
        [1, 2].map(async (caller) => {
          for (let time = 0; calling; time += 1) await make(`meanwhile ${caller} ${time}`);
        }),
      );
      callers.catch(() => undefined);
      if (databases.server === undefined) {
        const since = Date.now();
        // The next whole copy after now: one of before may be without what was made last.
        await until(30_000, "a copy of the catalog", async () => {
          const made = await stat(copy).catch(() => undefined);
          return made !== undefined && made.mtimeMs > since + 1000;
        });
        await copyFile(copy, `${copy}.kept`);
      } else await databases.server.dump(connection, copy);
      calling = false;
      await callers;

      await rewrite(shown.id, "newer than the backup", "WHEN_ATTACHED_REFRESH");
      await change(door, "detach_drive", { drive_id: deleted.id });
      await door.call("delete_drive", { request_id: randomUUID(), drive_id: deleted.id });
      await attach(moved.id, "vm-2");
      const younger = await make("made after the backup");
      await attach(younger.id, "vm-1");
      expect(await seen("vm-1", shown)).toBe(padded("newer than the backup"));

      await service.kill();
      let restored = connection;
      if (databases.server === undefined) {
        const file = new URL(connection).pathname.slice(1);
        await rm(`${file}-wal`, { force: true });
        await copyFile(`${copy}.kept`, file);
      } else restored = await databases.server.restore(copy);
      await service.start({ OS_CATALOG__CONNECTION: restored });

      await until(30_000, "every instance to see what the catalog says", async () => {
        return (await get(door, shown.id)).applied_generation === 1;
      });
      for (const [id, drive] of before) {
        const { generations, attachments } = await get(door, id);
        expect(attachments.map(({ instance_id }) => instance_id)).toEqual(
          drive.attachments.map(({ instance_id }) => instance_id),
        );
        expect(generations.map(({ number }) => number)).toEqual(drive.generations.map(({ number }) => number));
      }
      expect(await seen("vm-1", shown)).toBe(padded("shown"));
      expect(await seen("vm-1", staged)).toBe(padded("staged"));
      expect(await seen("vm-1", deleted)).toBe(padded("deleted afterwards"));
      // The bytes of every drive can be had, and are the right ones.
      using client = new DriveClient(service.address);
      for (const [drive, text] of [
        [shown, "shown"],
        [staged, "staged, not yet seen"],
        [detached, "detached"],
        [deleted, "deleted afterwards"],
        [moved, "moved afterwards"],
      ] as const) {
        expect(await downloaded(client, drive.id)).toBe(digestOf(Buffer.from(padded(text))));
      }
      // An instance that got a drive after the backup has it still; whoever says so again makes the catalog know it.
      expect(await seen("vm-2", moved)).toBe(padded("moved afterwards"));
      expect((await attach(moved.id, "vm-2")).attachments).toHaveLength(1);
      await expect(get(door, younger.id)).rejects.toThrow(CallFailed);
      // And the service goes on as ever.
      await rewrite(shown.id, "after the restore", "WHEN_ATTACHED_REFRESH");
      expect(await seen("vm-1", shown)).toBe(padded("after the restore"));
    } finally {
      await scope[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    }
  },
  180_000,
);

async function downloaded(client: DriveClient, driveId: string): Promise<string> {
  const hash = createHash("sha256");
  const until = { projectId: "demo", deadline: new Date(Date.now() + 20_000) };
  for await (const { part } of client.downloadImage({ driveId }, until)) {
    if (part?.$case === "data") hash.update(part.value);
  }
  return hash.digest("hex");
}
