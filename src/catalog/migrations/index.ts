import type { Dialect } from "../dialect.js";
import { drives } from "./0001-drives.js";
import { events } from "./0002-events.js";
import { contents } from "./0003-contents.js";
import { instances } from "./0004-instances.js";
import { runInstances } from "./0005-run-instances.js";
import { projectDrives } from "./0006-project-drives.js";
import { leftovers } from "./0007-leftovers.js";
import { lostHosts } from "./0008-lost-hosts.js";
import { attachmentsByHost } from "./0009-attachments-by-host.js";
import type { CatalogMigrations } from "./migration.js";

/**
 * Every migration by its number, in order. A number is given once and its migration never changes after a release. The next version after
 * a release brings additive ones alone, unless its notes say that every service has to be stopped for it.
 */
export function migrationsFor(dialect: Dialect): CatalogMigrations {
  return {
    "0001-drives": drives(dialect),
    "0002-events": events(dialect),
    "0003-contents": contents(dialect),
    "0004-instances": instances(dialect),
    "0005-run-instances": runInstances(dialect),
    "0006-project-drives": projectDrives(dialect),
    "0007-leftovers": leftovers(dialect),
    "0008-lost-hosts": lostHosts(dialect),
    "0009-attachments-by-host": attachmentsByHost(dialect),
  };
}
