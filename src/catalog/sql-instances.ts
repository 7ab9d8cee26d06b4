import type { Transaction } from "kysely";
import type { Instance, InstanceRecord, InstanceWork } from "#drive/instance/instance.js";
import type { InstanceCatalog, InstanceFilter, InstanceOpening } from "#drive/instance/instance-catalog.js";
import { type Reason, Refusal } from "#drive/refusal.js";
import type { Database } from "./database.js";
import { takeTurn } from "./event-rows.js";
import { ofInstanceOperation, readWork, toInstance, toInstanceRecord, writeInstance } from "./instance-rows.js";
import { openOperation } from "./operation-rows.js";
import { openRequest, setRequestState } from "./request-rows.js";
import type { Schema } from "./schema.js";
import { read } from "./transactions.js";

/** A transaction of the catalog that writes. */
export type Write = <T>(work: (trx: Transaction<Schema>) => Promise<T>) => Promise<T>;

/** The InstanceCatalog port over the same database as the drives. */
export class SqlInstances implements InstanceCatalog {
  constructor(
    private readonly database: Database,
    private readonly write: Write,
  ) {}

  find(instanceId: string): Promise<InstanceRecord | undefined> {
    return read(this.database, async (trx) => {
      const row = await trx.selectFrom("instances").selectAll().where("id", "=", instanceId).executeTakeFirst();
      return row === undefined ? undefined : toInstanceRecord(row);
    });
  }

  list({ projectId, reservationId, afterId, limit }: InstanceFilter): Promise<readonly Instance[]> {
    return read(this.database, async (trx) => {
      let query = trx.selectFrom("instances").selectAll().where("project_id", "=", projectId).where("id", ">", afterId);
      if (reservationId !== "") query = query.where("reservation_id", "=", reservationId);
      return (await query.orderBy("id").limit(limit).execute()).map(toInstance);
    });
  }

  drivesOf(instanceIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    return read(this.database, async (trx) => {
      const drives = new Map<string, string[]>();
      if (instanceIds.length === 0) return drives;
      const query = trx.selectFrom("attachments").select(["instance_id", "drive_id"]).distinct();
      const rows = await query.where("instance_id", "in", instanceIds).orderBy("drive_id").execute();
      for (const row of rows) drives.set(row.instance_id, [...(drives.get(row.instance_id) ?? []), row.drive_id]);
      return drives;
    });
  }

  open({ request, operation, instances, drives, quota }: InstanceOpening): Promise<InstanceWork> {
    const { lease } = this.database;
    return this.write(async (trx) => {
      await openRequest(trx, request, "OPEN");
      await lease.confirm(trx);
      await trx
        .insertInto("instance_operations")
        .values({ ...ofInstanceOperation(operation), owner: lease.id })
        .execute();
      const written: Instance[] = [];
      for (const { instance, from } of instances) written.push(await writeInstance(trx, instance, from, operation.id));
      for (const opening of drives) await openOperation(trx, lease, opening);
      if (quota !== undefined) await requireQuota(trx, request.projectId, quota);
      return { operation, instances: written };
    });
  }

  work(operationId: string): Promise<InstanceWork | undefined> {
    return read(this.database, async (trx) => {
      const query = trx.selectFrom("instance_operations").selectAll().where("id", "=", operationId);
      const row = await query.executeTakeFirst();
      return row === undefined ? undefined : await readWork(trx, row);
    });
  }

  underWay(): Promise<readonly InstanceWork[]> {
    return read(this.database, async (trx) => {
      const open = trx.selectFrom("instance_operations").selectAll().where(this.database.lease.mayTake());
      const work: InstanceWork[] = [];
      for (const row of await open.orderBy("started_at").orderBy("id").execute()) work.push(await readWork(trx, row));
      return work;
    });
  }

  takeOver(work: InstanceWork): Promise<InstanceWork> {
    const { lease } = this.database;
    const { id } = work.operation;
    return this.write(async (trx) => {
      await lease.confirm(trx);
      const row = trx.updateTable("instance_operations").set({ owner: lease.id }).where("id", "=", id);
      const { numUpdatedRows } = await row.where(lease.mayTake()).executeTakeFirst();
      if (numUpdatedRows !== 1n) throw takenOver(work);
      const taken = await trx
        .selectFrom("instance_operations")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      await renew(trx, id);
      return await readWork(trx, taken);
    });
  }

  turnBack(work: InstanceWork, failure: Reason): Promise<InstanceWork> {
    return this.write(async (trx) => {
      const row = trx.updateTable("instance_operations").set({ failure }).where("id", "=", work.operation.id);
      const { numUpdatedRows } = await row.where(this.database.lease.owns()).executeTakeFirst();
      if (numUpdatedRows !== 1n) throw takenOver(work);
      await renew(trx, work.operation.id);
      const instances = work.instances.map((instance) => ({ ...instance, revision: instance.revision + 1 }));
      return { operation: { ...work.operation, failure }, instances };
    });
  }

  close(work: InstanceWork, instances: readonly Instance[], state: "DONE" | "FAILED"): Promise<readonly Instance[]> {
    const { operation } = work;
    return this.write(async (trx) => {
      const row = trx.deleteFrom("instance_operations").where("id", "=", operation.id);
      const { numDeletedRows } = await row.where(this.database.lease.owns()).executeTakeFirst();
      if (numDeletedRows !== 1n) throw takenOver(work);
      const left: Instance[] = [];
      for (const instance of work.instances) {
        const after = instances.find(({ id }) => id === instance.id);
        if (after === undefined) await trx.deleteFrom("instances").where("id", "=", instance.id).execute();
        else left.push(await writeInstance(trx, after, { instance, operationId: operation.id }, undefined));
      }
      await setRequestState(trx, operation.request, state);
      return left;
    });
  }

  note(from: InstanceRecord, instance: Instance): Promise<void> {
    return this.write(async (trx) => {
      await writeInstance(trx, instance, from, undefined);
    });
  }

  countByHost(): Promise<ReadonlyMap<string, number>> {
    return read(this.database, async (trx) => {
      const query = trx.selectFrom("instances").groupBy("host");
      const rows = await query
        .select(["host", ({ fn }) => fn.countAll<number | bigint | string>().as("count")])
        .execute();
      return new Map(rows.map(({ host, count }) => [host, Number(count)]));
    });
  }

  running(host: string, afterId: string, limit: number): Promise<readonly InstanceRecord[]> {
    return read(this.database, async (trx) => {
      const query = trx.selectFrom("instances").selectAll().where("host", "=", host).where("state", "=", "RUNNING");
      const idle = query.where("operation_id", "is", null).where("id", ">", afterId);
      return (await idle.orderBy("id").limit(limit).execute()).map(toInstanceRecord);
    });
  }
}

/** Makes the instances of an operation newer than whoever carried it out so far knows them. */
async function renew(trx: Transaction<Schema>, operationId: string): Promise<void> {
  const rows = trx.updateTable("instances").set(({ eb }) => ({ revision: eb("revision", "+", 1) }));
  await rows.where("operation_id", "=", operationId).execute();
}

/**
 * Counted after the instances were added and once no other transaction can count until this one has committed, so that two
 * services never both see the last free place.
 */
async function requireQuota(trx: Transaction<Schema>, projectId: string, quota: number): Promise<void> {
  await takeTurn(trx);
  const query = trx.selectFrom("instances").select(({ fn }) => fn.countAll<number | bigint | string>().as("count"));
  const { count } = await query.where("project_id", "=", projectId).executeTakeFirstOrThrow();
  if (Number(count) <= quota) return;
  throw new Refusal("QUOTA_EXCEEDED", `the project would have ${count} instances, ${quota} is the most`, {
    metadata: { limit: String(quota), actual: String(count) },
  });
}

function takenOver({ operation }: InstanceWork): Refusal {
  return new Refusal(
    "INSTANCE_BUSY",
    `the ${operation.kind} of request ${operation.request.requestId} is another service's now`,
  );
}
