import { setTimeout as pause } from "node:timers/promises";
import { type Expression, type Kysely, type RawBuilder, type SqlBool, sql, type Transaction } from "kysely";
import type { NewId } from "#drive/ids.js";
import { Refusal } from "#drive/refusal.js";
import type { Dialect } from "./dialect.js";
import type { Owner } from "./owner.js";
import type { Schema } from "./schema.js";

/** A lease that does not run out: for a database that is one service's alone. */
const forEver = Number.MAX_SAFE_INTEGER;

/** How a service holds what it has begun. */
export interface LeaseTerms {
  readonly newId: NewId;
  /** How long the others wait before they take a silent service for dead, in milliseconds; unset: there are no others. */
  readonly milliseconds: number | undefined;
}

/**
 * What tells the services on one database which of them live. Each has a row that it renews three times in the time after
 * which the others take it for dead; an operation belongs to a row. All times are the database's own, so no clock of a service
 * matters. A row that ran out is never renewed: its service begins anew under another id, and what it had begun is anybody's.
 */
export class Lease {
  #id = "";
  readonly #ending = new AbortController();
  #renewing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly db: Kysely<Schema>,
    private readonly dialect: Dialect,
    private readonly owner: Owner,
    private readonly terms: LeaseTerms,
  ) {}

  /** Takes a lease and keeps it until `release`. */
  static async take(db: Kysely<Schema>, dialect: Dialect, owner: Owner, terms: LeaseTerms): Promise<Lease> {
    const lease = new Lease(db, dialect, owner, terms);
    await lease.#begin();
    if (terms.milliseconds !== undefined) lease.#renewing = lease.#keep(terms.milliseconds / 3);
    return lease;
  }

  /** What the operations that are opened now belong to. */
  get id(): string {
    return this.#id;
  }

  /** Whether other services may use the database. */
  get shared(): boolean {
    return this.terms.milliseconds !== undefined;
  }

  /** Refuses with CATALOG_FAILED when the lease has run out, as it does while the database is out of reach for long. */
  async confirm(trx: Transaction<Schema>): Promise<void> {
    const held = await trx.selectFrom("services").select("id").where(this.#held()).executeTakeFirst();
    if (held === undefined) throw lost();
  }

  /** Whether an operation is this service's while its lease lasts. */
  owns(): Expression<SqlBool> {
    const held = this.db.selectFrom("services").select("id").where(this.#held());
    return sql<SqlBool>`(owner = ${this.#id} and exists ${held})`;
  }

  /** Whether an operation may be taken over: it is this service's already, or its service is dead. */
  mayTake(): Expression<SqlBool> {
    const living = this.db.selectFrom("services").select("id").where("expires_at", ">", this.dialect.now);
    return sql<SqlBool>`(owner = ${this.#id} or owner not in ${living})`;
  }

  /** Renews the lease, or begins a new one where it was lost. Fails as the database does. */
  async renew(): Promise<void> {
    const row = this.db.updateTable("services").set({ expires_at: this.#end() }).where(this.#held());
    const { numUpdatedRows } = await row.executeTakeFirst();
    if (numUpdatedRows === 0n) await this.#begin();
  }

  /** Gives the lease up, so that nobody waits for its end. */
  async release(): Promise<void> {
    this.#ending.abort();
    await this.#renewing;
    await this.db.deleteFrom("services").where("id", "=", this.#id).execute();
  }

  async #begin(): Promise<void> {
    const { host, pid, since } = this.owner;
    const id = this.terms.newId();
    await this.db.insertInto("services").values({ id, host, pid, since, expires_at: this.#end() }).execute();
    this.#id = id;
    const others = this.db.deleteFrom("services").where("id", "!=", id);
    // Alone on the database, whoever else stands there is dead.
    if (!this.shared) await others.execute();
    // A row that stays is one that the next service removes.
    else
      await others
        .where("expires_at", "<=", this.dialect.now)
        .execute()
        .catch(() => undefined);
  }

  async #keep(everyMs: number): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await pause(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      // A database that is away is asked again at the next turn; whoever needs it meanwhile is told.
      if (!signal.aborted) await this.renew().catch(() => undefined);
    }
  }

  #held(): Expression<SqlBool> {
    return sql<SqlBool>`services.id = ${this.#id} and services.expires_at > ${this.dialect.now}`;
  }

  #end(): RawBuilder<number> | number {
    const { milliseconds } = this.terms;
    return milliseconds === undefined ? forEver : sql<number>`${this.dialect.now} + ${milliseconds}`;
  }
}

function lost(): Refusal {
  return new Refusal("CATALOG_FAILED", "this service's lease on the catalog has run out; it takes a new one at once");
}
