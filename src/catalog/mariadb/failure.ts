import { Refusal } from "#drive/refusal.js";
import { bareError } from "../bare-error.js";
import { whyOf } from "../why.js";

/* Numbers of the MariaDB Server documentation, "MariaDB Error Codes". */
const duplicateEntry = 1062;
const deadlock = 1213;
const lockWaitTimeout = 1205;
const changedSinceRead = 1020;
const packetTooLarge = 1153;
const diskFull: readonly number[] = [1021, 1114];

/** What a failure of MariaDB, or of the way there, means. The driver's messages hold no parameter of a query but duplicate keys. */
export function mariadbRefusal(error: unknown): Refusal {
  const number = numberOf(error);
  const why = whyOf(error);
  const cause = bareError(error);
  switch (number) {
    case duplicateEntry:
    case deadlock:
    case lockWaitTimeout:
    case changedSinceRead:
      return new Refusal("DRIVE_BUSY", "another service wrote the same rows at the same time", { cause });
    case packetTooLarge:
      return new Refusal("CONTENT_TOO_LARGE", "the content is larger than the database's max_allowed_packet takes", {
        cause,
      });
    default: {
      const full = number !== undefined && diskFull.includes(number);
      if (full) return new Refusal("STORAGE_FULL", `the database's disk is full: ${why}`, { cause });
      return new Refusal("CATALOG_FAILED", `the database failed: ${why}`, { cause });
    }
  }
}

/** Whether the transaction was undone only because it met another one. */
export function mariadbCollided(error: unknown): boolean {
  const number = numberOf(error);
  return number === deadlock || number === changedSinceRead;
}

function numberOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errno" in error)) return undefined;
  return typeof error.errno === "number" ? error.errno : undefined;
}
