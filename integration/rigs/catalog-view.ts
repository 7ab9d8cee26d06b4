import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { privateDirectory } from "./private-directory.js";

/**
 * How many rows of the embedded catalog belong to a drive, table by table, looked up past the service. The service holds
 * the file's lock, so it is a copy (with its write-ahead log) that is read; ask while nothing is under way. The memory of
 * request ids does not count: it outlives a drive, so that a repeated request is still known.
 */
export async function rowsOfDrive(catalog: string, driveId: string): Promise<Map<string, number>> {
  const directory = await privateDirectory("catalog");
  try {
    const copy = join(directory, "catalog.sqlite");
    await copyFile(catalog, copy);
    await copyFile(`${catalog}-wal`, `${copy}-wal`).catch(absent);
    const database = new DatabaseSync(copy);
    try {
      const columns = {
        drives: "id",
        generations: "drive_id",
        specs: "drive_id",
        attachments: "drive_id",
        operations: "drive_id",
      };
      const count = (table: string, column: string) =>
        Number(database.prepare(`select count(*) as rows from ${table} where ${column} = ?`).get(driveId)?.rows);
      return new Map(Object.entries(columns).map(([table, column]) => [table, count(table, column)]));
    } finally {
      database.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A catalog that was closed in good order has no log beside it. */
function absent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
