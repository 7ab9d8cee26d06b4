import type { Kysely, Transaction } from "kysely";
import type { Released, Request, RequestKey, RequestState } from "#drive/operation.js";
import { Refusal } from "#drive/refusal.js";
import { insertRow } from "./insert-row.js";
import { keptStatement } from "./kept-statement.js";
import { prepared } from "./prepared.js";
import type { Schema } from "./schema.js";

const byKey = prepared((db, projectId, requestId) =>
  db.selectFrom("requests").selectAll().where("project_id", "=", projectId).where("request_id", "=", requestId),
);

/** Whether a request stands under an id. */
export async function hasRequest(db: Kysely<Schema>, { projectId, requestId }: RequestKey): Promise<boolean> {
  return (await byKey(db, projectId, requestId)).rows.length > 0;
}

/** The request that stands under an id. */
export async function findRequest(
  trx: Transaction<Schema>,
  { projectId, requestId }: RequestKey,
): Promise<(Request & { readonly state: RequestState }) | undefined> {
  const [row] = (await byKey(trx, projectId, requestId)).rows;
  if (row === undefined) return undefined;
  return {
    projectId,
    requestId,
    method: row.method,
    digest: row.digest,
    driveId: row.drive_id,
    state: row.state,
    seenAt: new Date(row.seen_at),
    ...(row.drive_id === "" ? { released: await findReleased(trx, { projectId, requestId }) } : {}),
  };
}

async function findReleased(trx: Transaction<Schema>, { projectId, requestId }: RequestKey): Promise<Released> {
  const query = trx.selectFrom("released_drives").selectAll().where("project_id", "=", projectId);
  const rows = await query.where("request_id", "=", requestId).orderBy("drive_id").execute();
  const idsOf = (part: typeof rows) => part.map(({ drive_id }) => drive_id);
  return {
    deleted: idsOf(rows.filter(({ deleted }) => deleted !== 0)),
    kept: idsOf(rows.filter(({ deleted }) => deleted === 0)),
  };
}

/**
 * Puts a request under its id; one that failed before is begun again.
 * Refusals: REQUEST_ID_REUSED for another request; DRIVE_BUSY when the same one is open or done, so that it is asked again
 * and then joins.
 */
export async function openRequest(trx: Transaction<Schema>, request: Request, state: RequestState): Promise<void> {
  const row = {
    project_id: request.projectId,
    request_id: request.requestId,
    method: request.method,
    digest: request.digest,
    drive_id: request.driveId,
    state,
    seen_at: request.seenAt.getTime(),
  };
  const found = await findRequest(trx, request);
  if (found === undefined) {
    await insertRow(trx, "requests", row);
    await keepReleased(trx, request);
    return;
  }
  if (found.digest !== request.digest) {
    throw new Refusal("REQUEST_ID_REUSED", `request_id ${request.requestId} stands for another request`);
  }
  if (found.state !== "FAILED") {
    throw new Refusal("DRIVE_BUSY", `request ${request.requestId} is carried out elsewhere`);
  }
  const same = trx.updateTable("requests").set(row).where("project_id", "=", request.projectId);
  await same.where("request_id", "=", request.requestId).execute();
  await keepReleased(trx, request);
}

/** Adds to what was decided under the request before; of a drive that the instance got back meanwhile, what is decided now. */
async function keepReleased(
  trx: Transaction<Schema>,
  { projectId, requestId, released = { deleted: [], kept: [] } }: Request,
): Promise<void> {
  const rowOf = (deleted: number) => (drive_id: string) => ({
    project_id: projectId,
    request_id: requestId,
    drive_id,
    deleted,
  });
  for (const row of [...released.deleted.map(rowOf(1)), ...released.kept.map(rowOf(0))]) {
    const before = trx.deleteFrom("released_drives").where("project_id", "=", projectId);
    await before.where("request_id", "=", requestId).where("drive_id", "=", row.drive_id).execute();
    await trx.insertInto("released_drives").values(row).execute();
  }
}

/** Marks how far a request is. */
export async function setRequestState(
  trx: Transaction<Schema>,
  { projectId, requestId }: RequestKey,
  state: RequestState,
): Promise<void> {
  await keptStatement(trx, "a request's new state", [state, projectId, requestId], () => {
    const query = trx.updateTable("requests").set({ state }).where("project_id", "=", projectId);
    return query.where("request_id", "=", requestId);
  });
}
