import type { HostCatalog, HostTally } from "#drive/host-catalog.js";
import type { Database } from "./database.js";
import type { Write } from "./sql-instances.js";
import { read } from "./transactions.js";

/** The HostCatalog port over the same database as the drives. */
export class SqlHosts implements HostCatalog {
  constructor(
    private readonly database: Database,
    private readonly write: Write,
  ) {}

  lost(): Promise<readonly string[]> {
    return read(this.database, async (trx) => {
      const rows = await trx.selectFrom("lost_hosts").select("host").orderBy("host").execute();
      return rows.map(({ host }) => host);
    });
  }

  declareLost(host: string, at: Date): Promise<void> {
    return this.write(async (trx) => {
      const known = await trx.selectFrom("lost_hosts").select("host").where("host", "=", host).executeTakeFirst();
      if (known !== undefined) return;
      await trx.insertInto("lost_hosts").values({ host, declared_at: at.getTime() }).execute();
    });
  }

  declareFound(host: string): Promise<void> {
    return this.write(async (trx) => {
      await trx.deleteFrom("lost_hosts").where("host", "=", host).execute();
    });
  }

  tally(host: string): Promise<HostTally> {
    return read(this.database, async (trx) => {
      const attached = trx.selectFrom("attachments").where("host", "=", host).select("drive_id").distinct();
      const running = trx.selectFrom("instances").where("host", "=", host).select("id");
      return { drives: (await attached.execute()).length, instances: (await running.execute()).length };
    });
  }
}
