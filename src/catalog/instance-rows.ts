import type { Transaction } from "kysely";
import type { Instance, InstanceOperation, InstanceRecord, InstanceWork } from "#drive/instance/instance.js";
import { Refusal } from "#drive/refusal.js";
import type { InstanceOperationRow, InstanceRow, Schema } from "./schema.js";

/** An instance out of its row. */
export function toInstance(row: InstanceRow): Instance {
  return {
    id: row.id,
    projectId: row.project_id,
    reservationId: row.reservation_id,
    name: row.name,
    host: row.host,
    launchIndex: row.launch_index,
    state: row.state,
    template: Buffer.from(row.template).toString(),
    revision: row.revision,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}

/** An instance with the operation that is open on it. */
export function toInstanceRecord(row: InstanceRow): InstanceRecord {
  return { instance: toInstance(row), operationId: row.operation_id ?? undefined };
}

function ofInstance(instance: Instance, operationId: string | undefined): InstanceRow {
  return {
    id: instance.id,
    project_id: instance.projectId,
    reservation_id: instance.reservationId,
    operation_id: operationId ?? null,
    name: instance.name,
    host: instance.host,
    launch_index: instance.launchIndex,
    state: instance.state,
    template: Buffer.from(instance.template),
    revision: instance.revision,
    created_at: instance.createdAt.getTime(),
    updated_at: instance.updatedAt.getTime(),
  };
}

/** An operation out of its row. */
export function toInstanceOperation(row: InstanceOperationRow): InstanceOperation {
  return {
    id: row.id,
    kind: row.kind,
    host: row.host,
    failure: row.failure ?? undefined,
    minCount: row.min_count,
    graceMs: row.grace_ms,
    request: { projectId: row.project_id, requestId: row.request_id },
    startedAt: new Date(row.started_at),
  };
}

/** The row of an operation; who carries it out is said apart. */
export function ofInstanceOperation(operation: InstanceOperation): Omit<InstanceOperationRow, "owner"> {
  return {
    id: operation.id,
    kind: operation.kind,
    host: operation.host,
    failure: operation.failure ?? null,
    min_count: operation.minCount,
    grace_ms: operation.graceMs,
    project_id: operation.request.projectId,
    request_id: operation.request.requestId,
    started_at: operation.startedAt.getTime(),
  };
}

/** An operation with its instances, by launch index. */
export async function readWork(trx: Transaction<Schema>, row: InstanceOperationRow): Promise<InstanceWork> {
  const query = trx.selectFrom("instances").selectAll().where("operation_id", "=", row.id).orderBy("launch_index");
  const rows = await query.orderBy("id").execute();
  return { operation: toInstanceOperation(row), instances: rows.map(toInstance) };
}

/**
 * Writes an instance over the one that it was made from, compared by revision, or a new one. Gives it with its new revision.
 * Refusals: INSTANCE_BUSY when somebody wrote since, or has an operation open.
 */
export async function writeInstance(
  trx: Transaction<Schema>,
  instance: Instance,
  from: InstanceRecord | undefined,
  operationId: string | undefined,
): Promise<Instance> {
  const written = { ...instance, revision: (from?.instance.revision ?? 0) + 1 };
  const row = ofInstance(written, operationId);
  if (from === undefined) {
    await trx.insertInto("instances").values(row).execute();
    return written;
  }
  const update = trx.updateTable("instances").set(row).where("id", "=", instance.id);
  const known = update.where("revision", "=", from.instance.revision);
  const idle =
    from.operationId === undefined
      ? known.where("operation_id", "is", null)
      : known.where("operation_id", "=", from.operationId);
  const { numUpdatedRows } = await idle.executeTakeFirst();
  if (numUpdatedRows === 1n) return written;
  throw new Refusal("INSTANCE_BUSY", `instance ${instance.id} was changed by another operation meanwhile`, {
    metadata: { instance_id: instance.id },
  });
}
