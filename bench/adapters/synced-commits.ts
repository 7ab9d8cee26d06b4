import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import type { Way } from "./bare-libvirt.js";

/** An attach and a detach are as many: one that says what is to be, one that says that it is. */
const COMMITS = 2;

/**
 * Commits of one row each to a catalog's kind of file, on the disk when they return (WAL, synchronous=FULL): what a promise that
 * outlives a power cut costs whoever makes it.
 */
export async function syncedCommits(): Promise<Way & AsyncDisposable> {
  const directory = await privateDirectory("commits");
  const database = new DatabaseSync(join(directory, "catalog.sqlite"));
  database.exec("pragma journal_mode = wal; pragma synchronous = full; create table steps (at integer, what text)");
  const insert = database.prepare("insert into steps values (?, ?)");
  const commit = async () => {
    for (let count = 0; count < COMMITS; count += 1) insert.run(count, "x".repeat(512));
  };
  return {
    attach: commit,
    detach: commit,
    async [Symbol.asyncDispose]() {
      database.close();
      await rm(directory, { recursive: true });
    },
  };
}
