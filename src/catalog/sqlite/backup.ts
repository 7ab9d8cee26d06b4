import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { backup, type DatabaseSync } from "node:sqlite";

/**
 * Copies a database that is in use into a file, as it is at the moment when the copy ends (sqlite.org/backup.html). Whoever
 * writes meanwhile is not held up. The file is whole or the one of before: it is written beside its place, synced and renamed; its
 * user alone can read it. Fails as the file system and SQLite do.
 */
export async function backUpSqlite(database: DatabaseSync, file: string): Promise<void> {
  const folder = dirname(file);
  const beside = `${file}.partial`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rm(beside, { force: true });
  try {
    const made = await open(beside, "wx", 0o600);
    await made.close();
    await backup(database, beside);
    await sync(beside);
    await rename(beside, file);
    await sync(folder);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
