import { DatabaseError } from "pg";
import { Refusal } from "#drive/refusal.js";
import { bareError } from "../bare-error.js";
import { whyOf } from "../why.js";

/* Codes of the PostgreSQL manual, appendix A. */
const uniqueViolation = "23505";
const deadlock = "40P01";
const serializationFailure = "40001";
const lockNotAvailable = "55P03";
const diskFull = "53100";

/** What a failure of PostgreSQL, or of the way there, means. The message holds no parameter of a query. */
export function postgresqlRefusal(error: unknown): Refusal {
  const code = error instanceof DatabaseError ? error.code : undefined;
  const why = whyOf(error);
  const cause = bareError(error);
  if (code === uniqueViolation || code === deadlock || code === serializationFailure || code === lockNotAvailable) {
    return new Refusal("DRIVE_BUSY", "another service wrote the same rows at the same time", { cause });
  }
  if (code === diskFull) return new Refusal("STORAGE_FULL", `the database's disk is full: ${why}`, { cause });
  return new Refusal("CATALOG_FAILED", `the database failed: ${why}`, { cause });
}

/** Whether the transaction was undone only because it met another one. */
export function postgresqlCollided(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === deadlock || error.code === serializationFailure);
}
