import type { Migration } from "kysely/migration";
import type { Dialect } from "../dialect.js";
import { drives } from "./0001-drives.js";
import { events } from "./0002-events.js";

/** Every migration by its number, in order. A number is given once and its migration never changes after a release. */
export function migrationsFor(dialect: Dialect): Record<string, Migration> {
  return {
    "0001-drives": drives(dialect),
    "0002-events": events(dialect),
  };
}
