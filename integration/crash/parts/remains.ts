import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase } from "#catalog/open.js";
import type { DriveAnswer } from "#integration/rigs/drive-answer.js";
import { difference } from "./look.js";

/** Looks past the service, which has ended, at the rows and files that it left. Gives everything that no drive has, or that is not right. */
export async function remainsFaults(
  connection: string,
  images: string,
  drives: readonly DriveAnswer[],
): Promise<readonly string[]> {
  return [...(await rowFaults(connection, drives)), ...(await fileFaults(images, drives))];
}

async function rowFaults(connection: string, drives: readonly DriveAnswer[]): Promise<readonly string[]> {
  const database = await openDatabase(connection, { pid: 0, host: "look", since: "now" }, { newId: randomUUID });
  try {
    const { db } = database;
    const generations = drives.flatMap((drive) => drive.generations.map(({ number }) => `${drive.id}/${number}`));
    const of = async (table: "generations" | "specs", column: "number" | "generation") => {
      const rows = await db
        .selectFrom(table)
        .select(["drive_id", `${column} as number`])
        .execute();
      return rows.map(({ drive_id, number }) => `${drive_id}/${number}`);
    };
    const attachments = await db.selectFrom("attachments").select(["drive_id", "instance_id"]).execute();
    const operations = await db.selectFrom("operations").select("id").execute();
    const open = await db.selectFrom("requests").select("request_id").where("state", "=", "OPEN").execute();
    return [
      ...difference(
        "row of drive",
        (await db.selectFrom("drives").select("id").execute()).map(({ id }) => id),
        drives.map(({ id }) => id),
      ),
      ...difference("row of generation", await of("generations", "number"), generations),
      ...difference("row of spec", await of("specs", "generation"), generations),
      ...difference(
        "row of attachment",
        attachments.map((row) => `${row.drive_id} ${row.instance_id}`),
        drives.flatMap((drive) => drive.attachments.map(({ instance_id }) => `${drive.id} ${instance_id}`)),
      ),
      ...difference(
        "open operation",
        operations.map(({ id }) => id),
        [],
      ),
      ...difference(
        "open request",
        open.map(({ request_id }) => request_id),
        [],
      ),
    ];
  } finally {
    await database.dispose();
  }
}

async function fileFaults(images: string, drives: readonly DriveAnswer[]): Promise<readonly string[]> {
  const ready = drives.flatMap(({ id, generations }) =>
    generations
      .filter(({ state }) => state === "GENERATION_STATE_READY")
      .map(({ number, sha256 }) => ({ name: join(id, `${number}.img`), sha256 })),
  );
  const entries = await readdir(images, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(images.length + 1))
    .filter((path) => path !== ".catalog");
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== ".content").map(({ name }) => name);
  const faults = [
    ...difference(
      "file",
      files,
      ready.map(({ name }) => name),
    ),
    ...difference(
      "folder",
      folders,
      drives.map(({ id }) => id),
    ),
  ];
  for (const { name, sha256 } of ready.filter((one) => files.includes(one.name))) {
    const digest = createHash("sha256")
      .update(await readFile(join(images, name)))
      .digest("hex");
    if (digest !== sha256) faults.push(`file ${name} is not what the catalog says`);
  }
  return faults;
}
