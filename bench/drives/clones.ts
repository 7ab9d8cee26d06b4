import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { openDatabase } from "#catalog/open.js";

/** Rows a statement: what every database takes. */
const chunk = 500;

/** Copies one drive's rows under new ids, straight in a catalog that no service has open: a full catalog in seconds. */
export async function cloneDrive(connection: string, driveId: string, copies: number): Promise<void> {
  const database = await openDatabase(
    connection,
    { pid: process.pid, host: "bench", since: "now" },
    { newId: randomUUID },
  );
  try {
    const { db } = database;
    const drive = await db.selectFrom("drives").selectAll().where("id", "=", driveId).executeTakeFirstOrThrow();
    const generations = await db.selectFrom("generations").selectAll().where("drive_id", "=", driveId).execute();
    const specs = await db.selectFrom("specs").selectAll().where("drive_id", "=", driveId).execute();
    for (let left = copies; left > 0; left -= chunk) {
      const ids = Array.from({ length: Math.min(chunk, left) }, () => randomUUID());
      await db.transaction().execute(async (trx) => {
        await trx
          .insertInto("drives")
          .values(ids.map((id) => ({ ...drive, id })))
          .execute();
        for (const row of generations) {
          await trx
            .insertInto("generations")
            .values(ids.map((drive_id) => ({ ...row, drive_id })))
            .execute();
        }
        for (const row of specs) {
          await trx
            .insertInto("specs")
            .values(ids.map((drive_id) => ({ ...row, drive_id })))
            .execute();
        }
      });
    }
    // What the server does by itself within a minute.
    if (connection.startsWith("postgresql")) await sql`analyze`.execute(db);
    if (connection.startsWith("mysql")) await sql`analyze table drives, generations, specs`.execute(db);
  } finally {
    await database.dispose();
  }
}
