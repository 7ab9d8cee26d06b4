import type { Kysely, Transaction } from "kysely";
import type { Catalog, DriveFilter, DriveRecord, Opening } from "#drive/catalog.js";
import type { DriveChange } from "#drive/change.js";
import type { Drive } from "#drive/drive.js";
import type { Operation, Request, RequestKey, RequestState } from "#drive/operation.js";
import { Refusal } from "#drive/refusal.js";
import type { Spec } from "#drive/spec.js";
import { changeRange, forgetChanges, readChanges } from "./event-rows.js";
import { readDrives, readRecords } from "./read-drive.js";
import { findRequest, openRequest, setRequestState } from "./request-rows.js";
import { ofOperation } from "./rows.js";
import type { Schema } from "./schema.js";
import { decodeContent, encodeContent } from "./spec-content.js";
import { insertDrive, removeDrive, updateDrive } from "./write-drive.js";

/** A database that holds the newest schema. */
export interface Database {
  readonly db: Kysely<Schema>;
  /** What a failure of this database means. */
  readonly refusal: (error: unknown) => Refusal;
  /** Closes it, and gives up its ownership where it has one. */
  readonly dispose: () => Promise<void>;
}

/** The Catalog port over SQL that every database understands. */
export class SqlCatalog implements Catalog {
  readonly #database: Database;
  #written = Promise.withResolvers<void>();

  constructor(database: Database) {
    this.#database = database;
  }

  find(driveId: string): Promise<DriveRecord | undefined> {
    return this.#transaction(async (trx) => {
      const rows = await trx.selectFrom("drives").selectAll().where("id", "=", driveId).execute();
      const [record] = await readRecords(trx, rows);
      return record;
    });
  }

  list({ projectId, instanceId, afterId, limit }: DriveFilter): Promise<readonly Drive[]> {
    return this.#transaction(async (trx) => {
      let query = trx.selectFrom("drives").selectAll("drives").where("drives.project_id", "=", projectId);
      query = query.where("drives.id", ">", afterId).orderBy("drives.id").limit(limit);
      if (instanceId !== undefined) {
        const having = trx.selectFrom("attachments").select("drive_id").where("instance_id", "=", instanceId);
        query = query.where("drives.id", "in", having);
      }
      return await readDrives(trx, await query.execute());
    });
  }

  spec(driveId: string, generation: number): Promise<Spec | undefined> {
    return this.#transaction(async (trx) => {
      const query = trx.selectFrom("specs").selectAll().where("drive_id", "=", driveId);
      const row = await query.where("generation", "=", generation).executeTakeFirst();
      if (row === undefined) return undefined;
      return { content: decodeContent(row.content), format: row.format, label: row.label, sizeBytes: row.size_bytes };
    });
  }

  request(key: RequestKey): Promise<(Request & { readonly state: RequestState }) | undefined> {
    return this.#transaction((trx) => findRequest(trx, key));
  }

  open({ request, operation, drive, from, spec }: Opening): Promise<DriveRecord> {
    return this.#write(async (trx) => {
      if (request !== undefined) await openRequest(trx, request, "OPEN");
      const written = from === undefined ? await insertDrive(trx, drive) : await updateDrive(trx, from, drive);
      if (from?.operation !== undefined)
        throw new Refusal("DRIVE_BUSY", `drive ${drive.id} has an operation under way`);
      await trx.insertInto("operations").values(ofOperation(operation)).execute();
      if (spec !== undefined) {
        const { content, format, label, sizeBytes } = spec.spec;
        const row = { drive_id: drive.id, generation: spec.generation, format, label, size_bytes: sizeBytes };
        await trx
          .insertInto("specs")
          .values({ ...row, content: encodeContent(content) })
          .execute();
      }
      return { drive: written, operation };
    });
  }

  advance(
    record: DriveRecord,
    drive: Drive,
    operation: Operation | undefined = record.operation,
  ): Promise<DriveRecord> {
    return this.#write(async (trx) => {
      const written = await updateDrive(trx, record, drive);
      if (operation !== undefined && operation !== record.operation) {
        await trx.updateTable("operations").set(ofOperation(operation)).where("id", "=", operation.id).execute();
      }
      return { drive: written, operation };
    });
  }

  close(record: DriveRecord, drive: Drive | undefined, state: "DONE" | "FAILED"): Promise<Drive | undefined> {
    return this.#write(async (trx) => {
      const written = drive === undefined ? undefined : await updateDrive(trx, record, drive);
      if (drive === undefined) await removeDrive(trx, record);
      if (record.operation !== undefined) {
        await trx.deleteFrom("operations").where("id", "=", record.operation.id).execute();
        if (record.operation.request !== undefined) await setRequestState(trx, record.operation.request, state);
      }
      return written;
    });
  }

  settle(request: Request, change?: { readonly from: DriveRecord; readonly drive: Drive }): Promise<void> {
    return this.#write(async (trx) => {
      await openRequest(trx, request, "DONE");
      if (change !== undefined) await updateDrive(trx, change.from, change.drive);
    });
  }

  underWay(): Promise<readonly DriveRecord[]> {
    return this.#transaction(async (trx) => {
      const open = trx.selectFrom("operations").select("drive_id");
      const rows = await trx.selectFrom("drives").selectAll().where("id", "in", open).orderBy("id").execute();
      return await readRecords(trx, rows);
    });
  }

  attached(afterId: string, limit: number): Promise<readonly DriveRecord[]> {
    return this.#transaction(async (trx) => {
      const rows = trx
        .selectFrom("drives")
        .selectAll()
        .where("id", ">", afterId)
        .where(({ exists, selectFrom }) =>
          exists(selectFrom("attachments").select("drive_id").whereRef("attachments.drive_id", "=", "drives.id")),
        )
        .where(({ exists, not, selectFrom }) =>
          not(exists(selectFrom("operations").select("id").whereRef("operations.drive_id", "=", "drives.id"))),
        );
      return await readRecords(trx, await rows.orderBy("id").limit(limit).execute());
    });
  }

  changes(projectId: string, after: number, limit: number): Promise<readonly DriveChange[]> {
    return this.#transaction((trx) => readChanges(trx, projectId, after, limit));
  }

  changeRange(): Promise<{ readonly oldest: number; readonly newest: number }> {
    return this.#transaction(changeRange);
  }

  nextWrite(): Promise<void> {
    return this.#written.promise;
  }

  forgetChanges(before: Date): Promise<number> {
    return this.#transaction((trx) => forgetChanges(trx, before));
  }

  forgetRequests(before: Date): Promise<number> {
    return this.#transaction(async (trx) => {
      const old = trx.deleteFrom("requests").where("seen_at", "<", before.getTime()).where("state", "!=", "OPEN");
      const { numDeletedRows } = await old.executeTakeFirst();
      return Number(numDeletedRows);
    });
  }

  dispose(): Promise<void> {
    return this.#database.dispose();
  }

  /** A transaction that writes to drives; watchers are woken once it is committed. */
  async #write<T>(work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
    const result = await this.#transaction(work);
    this.#written.resolve();
    this.#written = Promise.withResolvers<void>();
    return result;
  }

  async #transaction<T>(work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
    try {
      return await this.#database.db.transaction().execute(work);
    } catch (error) {
      throw error instanceof Refusal ? error : this.#database.refusal(error);
    }
  }
}
