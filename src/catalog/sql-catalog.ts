import { setTimeout as pause } from "node:timers/promises";
import type { Transaction } from "kysely";
import type {
  Catalog,
  CatalogTally,
  DriveFilter,
  DriveOpening,
  DriveRecord,
  DriveWrite,
  HeldDrive,
  Opening,
} from "#drive/catalog.js";
import type { ChangeRange, ChangesRead } from "#drive/change.js";
import type { Drive, Leftover } from "#drive/drive.js";
import type { HostCatalog } from "#drive/host-catalog.js";
import type { InstanceCatalog } from "#drive/instance/instance-catalog.js";
import type { Operation, Request, RequestKey, RequestState } from "#drive/operation.js";
import { Refusal } from "#drive/refusal.js";
import type { Spec } from "#drive/spec.js";
import type { Upload } from "#drive/upload.js";
import { findUpload, forgetUploads, keepUpload, namedContent } from "./content-rows.js";
import type { Database } from "./database.js";
import { changeRange, forgetChanges, readChanges } from "./event-rows.js";
import { heldDrives } from "./held-drives.js";
import { listedDrives } from "./listed-drives.js";
import { openOperation } from "./operation-rows.js";
import { driveCount } from "./project-rows.js";
import { readDrives, readRecords } from "./read-drive.js";
import { readRecord } from "./read-record.js";
import { readSpec } from "./read-spec.js";
import { findRequest, hasRequest, openRequest, setRequestState } from "./request-rows.js";
import { ofOperation } from "./rows.js";
import type { Schema } from "./schema.js";
import { SqlHosts } from "./sql-hosts.js";
import { SqlInstances } from "./sql-instances.js";
import { tally } from "./tally.js";
import { read, readOnce, write } from "./transactions.js";
import { removeDrive, updateDrive, writeDrive } from "./write-drive.js";

/** How often a shared database is looked at for what other services wrote, in milliseconds. */
const lookMs = 1000;

/** The Catalog port over SQL that every database understands. */
export class SqlCatalog implements Catalog {
  readonly identity: string;
  readonly instances: InstanceCatalog;
  readonly hosts: HostCatalog;
  readonly #database: Database;
  #written = Promise.withResolvers<void>();

  constructor(database: Database) {
    this.#database = database;
    this.identity = database.identity;
    this.instances = new SqlInstances(database, (work) => this.#write(work));
    this.hosts = new SqlHosts(database, (work) => this.#write(work));
  }

  find(driveId: string): Promise<DriveRecord | undefined> {
    return read(this.#database, (trx) => readRecord(trx, driveId));
  }

  list(filter: DriveFilter): Promise<readonly Drive[]> {
    return read(this.#database, async (trx) => await readDrives(trx, await listedDrives(trx, filter)));
  }

  ofInstance(projectId: string, instanceId: string): Promise<readonly DriveRecord[]> {
    return read(this.#database, async (trx) => {
      const had = trx.selectFrom("drives").select("id").where("last_instance_id", "=", instanceId);
      const has = trx.selectFrom("attachments").select("drive_id as id").where("instance_id", "=", instanceId);
      const ids = (await had.where("project_id", "=", projectId).union(has).execute()).map(({ id }) => id);
      if (ids.length === 0) return [];
      const query = trx.selectFrom("drives").selectAll().where("id", "in", ids).where("project_id", "=", projectId);
      return await readRecords(trx, await query.orderBy("id").execute());
    });
  }

  tally(): Promise<CatalogTally> {
    return read(this.#database, tally);
  }

  driveCount(projectId: string): Promise<number> {
    return readOnce(this.#database, (db) => driveCount(db, projectId));
  }

  spec(driveId: string, generation: number): Promise<Spec | undefined> {
    return readOnce(this.#database, (db) => readSpec(db, driveId, generation));
  }

  async request(key: RequestKey): Promise<(Request & { readonly state: RequestState }) | undefined> {
    // Mostly there is none, and to know that takes one statement.
    const isKnown = await readOnce(this.#database, (db) => hasRequest(db, key));
    return isKnown ? await read(this.#database, (trx) => findRequest(trx, key)) : undefined;
  }

  open({ request, ...opening }: Opening): Promise<DriveRecord> {
    return this.#write(async (trx) => {
      if (request !== undefined) await openRequest(trx, request, "OPEN");
      return await openOperation(trx, this.#database.lease, opening);
    });
  }

  openAll(
    request: Request,
    openings: readonly DriveOpening[],
    state: "DONE" | "FAILED",
  ): Promise<readonly DriveRecord[]> {
    return this.#write(async (trx) => {
      await openRequest(trx, request, state);
      const records: DriveRecord[] = [];
      for (const opening of openings) records.push(await openOperation(trx, this.#database.lease, opening));
      return records;
    });
  }

  advance(
    record: DriveRecord,
    drive: Drive,
    operation: Operation | undefined = record.operation,
  ): Promise<DriveRecord> {
    return this.#write(async (trx) => {
      const written = await updateDrive(trx, record, drive);
      if (operation === undefined) throw new TypeError(`drive ${drive.id} has no open operation`);
      const row = trx.updateTable("operations").set(ofOperation(operation)).where("id", "=", operation.id);
      const { numUpdatedRows } = await row.where(this.#database.lease.owns()).executeTakeFirst();
      if (numUpdatedRows !== 1n) throw takenOver(record);
      return { drive: written, operation };
    });
  }

  takeOver(record: DriveRecord): Promise<DriveRecord> {
    const { lease } = this.#database;
    return this.#write(async (trx) => {
      const { drive, operation } = record;
      if (operation === undefined) throw new TypeError(`drive ${drive.id} has no open operation`);
      const written = await updateDrive(trx, record, drive);
      await lease.confirm(trx);
      const row = trx.updateTable("operations").set({ owner: lease.id }).where("id", "=", operation.id);
      const { numUpdatedRows } = await row.where(lease.mayTake()).executeTakeFirst();
      if (numUpdatedRows !== 1n) throw takenOver(record);
      return { drive: written, operation };
    });
  }

  close(record: DriveRecord, drive: Drive | undefined, state: "DONE" | "FAILED"): Promise<Drive | undefined> {
    return this.#write(async (trx) => {
      // The drive first, as everywhere: whoever writes it is alone with all that belongs to it.
      const written = await updateDrive(trx, record, drive ?? record.drive);
      const { operation } = record;
      if (operation === undefined) throw new TypeError(`drive ${record.drive.id} has no open operation`);
      const row = trx.deleteFrom("operations").where("id", "=", operation.id);
      const { numDeletedRows } = await row.where(this.#database.lease.owns()).executeTakeFirst();
      if (numDeletedRows !== 1n) throw takenOver(record);
      // How far a release is was said when its drives were decided about.
      const { request, kind } = operation;
      if (request !== undefined && kind !== "release") await setRequestState(trx, request, state);
      if (drive !== undefined) return written;
      await removeDrive(trx, written);
      return undefined;
    });
  }

  settle(request: Request, change?: DriveWrite): Promise<Drive | undefined> {
    return this.#write(async (trx) => {
      await openRequest(trx, request, "DONE");
      return change === undefined ? undefined : await writeDrive(trx, change);
    });
  }

  underWay(): Promise<readonly DriveRecord[]> {
    return read(this.#database, async (trx) => {
      const open = trx.selectFrom("operations").select("drive_id");
      const mine = open.where(this.#database.lease.mayTake());
      const rows = await trx.selectFrom("drives").selectAll().where("id", "in", mine).orderBy("id").execute();
      return await readRecords(trx, rows);
    });
  }

  attached(afterId: string, limit: number): Promise<readonly DriveRecord[]> {
    return read(this.#database, async (trx) => {
      // From the attachments, so that drives that nobody has cost nothing.
      const held = await trx
        .selectFrom("attachments")
        .select("drive_id")
        .distinct()
        .where("drive_id", ">", afterId)
        .where(({ exists, not, selectFrom }) =>
          not(
            exists(selectFrom("operations").select("id").whereRef("operations.drive_id", "=", "attachments.drive_id")),
          ),
        )
        .orderBy("drive_id")
        .limit(limit)
        .execute();
      if (held.length === 0) return [];
      const ids = held.map(({ drive_id }) => drive_id);
      const rows = trx.selectFrom("drives").selectAll().where("id", "in", ids).orderBy("id");
      return await readRecords(trx, await rows.execute());
    });
  }

  held(after: HeldDrive | undefined, limit: number): Promise<readonly HeldDrive[]> {
    return readOnce(this.#database, (db) => heldDrives(db, after, limit));
  }

  leftovers(kind: Exclude<Leftover, "">, before: Date, limit: number): Promise<readonly DriveRecord[]> {
    return read(this.#database, async (trx) => {
      const rows = await trx
        .selectFrom("drives")
        .selectAll()
        .where("leftover", "=", kind)
        .where("updated_at", "<", before.getTime())
        .where(({ exists, not, selectFrom }) =>
          not(exists(selectFrom("operations").select("id").whereRef("operations.drive_id", "=", "drives.id"))),
        )
        .orderBy("updated_at")
        .limit(limit)
        .execute();
      return await readRecords(trx, rows);
    });
  }

  changes(projectId: string, after: number, limit: number): Promise<ChangesRead> {
    return read(this.#database, async (trx) => ({
      ...(await changeRange(trx)),
      changes: await readChanges(trx, projectId, after, limit),
    }));
  }

  changeRange(): Promise<ChangeRange> {
    return read(this.#database, changeRange);
  }

  async nextWrite(): Promise<void> {
    if (!this.#database.lease.shared) return await this.#written.promise;
    // What another service writes is found by looking.
    await Promise.race([this.#written.promise, pause(lookMs, undefined, { ref: false })]);
  }

  findUpload(contentId: string): Promise<Upload | undefined> {
    return read(this.#database, (trx) => findUpload(trx, contentId));
  }

  keepUpload(upload: Upload): Promise<void> {
    return write(this.#database, (trx) => keepUpload(trx, upload));
  }

  forgetUploads(before: Date): Promise<number> {
    return write(this.#database, (trx) => forgetUploads(trx, before));
  }

  namedContent(sha256s: readonly string[]): Promise<ReadonlySet<string>> {
    return read(this.#database, (trx) => namedContent(trx, sha256s));
  }

  forgetChanges(before: Date): Promise<number> {
    return write(this.#database, (trx) => forgetChanges(trx, before));
  }

  forgetRequests(before: Date): Promise<number> {
    return write(this.#database, async (trx) => {
      const old = trx.deleteFrom("requests").where("seen_at", "<", before.getTime()).where("state", "!=", "OPEN");
      const { numDeletedRows } = await old.executeTakeFirst();
      return Number(numDeletedRows);
    });
  }

  async check(): Promise<void> {
    await write(this.#database, (trx) => this.#database.lease.confirm(trx));
  }

  async backUp(file: string): Promise<void> {
    const { backUp, refusal } = this.#database;
    if (backUp === undefined) {
      throw new Refusal("INVALID_ARGUMENT", "this database is backed up by its server's own programs");
    }
    await backUp(file).catch((error: unknown) => Promise.reject(refusal(error)));
  }

  dispose(): Promise<void> {
    return this.#database.dispose();
  }

  /** A transaction that writes to drives; watchers are woken once it is committed. */
  async #write<T>(work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
    const result = await write(this.#database, work);
    this.#written.resolve();
    this.#written = Promise.withResolvers<void>();
    return result;
  }
}

function takenOver({ drive }: DriveRecord): Refusal {
  return new Refusal("DRIVE_BUSY", `the operation on drive ${drive.id} is another service's now`, {
    metadata: { drive_id: drive.id },
  });
}
