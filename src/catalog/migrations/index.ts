import type { Migration } from "kysely/migration";
import { drives } from "./0001-drives.js";
import { events } from "./0002-events.js";

/** Every migration by its number, in order. A number is given once and its migration never changes after a release. */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-drives": drives,
  "0002-events": events,
};
