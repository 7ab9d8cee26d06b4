import type { Catalog, DriveRecord } from "./catalog.js";
import type { Drive } from "./drive.js";
import type { Operation } from "./operation.js";

/** An open operation as its owner holds it: every write goes on from the last one, so a second owner is noticed at once. */
export class OpenOperation {
  readonly #catalog: Catalog;
  #record: DriveRecord;
  #operation: Operation;

  constructor(catalog: Catalog, record: DriveRecord) {
    if (record.operation === undefined) throw new TypeError(`drive ${record.drive.id} has no open operation`);
    this.#catalog = catalog;
    this.#record = record;
    this.#operation = record.operation;
  }

  get drive(): Drive {
    return this.#record.drive;
  }

  get operation(): Operation {
    return this.#operation;
  }

  /** Commits a step. Refusals: DRIVE_BUSY when another owner took the operation over; CATALOG_FAILED. */
  async advance(drive: Drive, operation: Operation = this.#operation): Promise<void> {
    this.#record = await this.#catalog.advance(this.#record, drive, operation);
    this.#operation = operation;
  }

  /** Commits the end, and gives the drive as it is then. Refusals: as `advance`. */
  async close(drive: Drive, state: "DONE" | "FAILED"): Promise<Drive | undefined> {
    return await this.#catalog.close(this.#record, drive, state);
  }

  /** Commits the end of the drive itself, at that time. Refusals: as `advance`. */
  async remove(at: Date, state: "DONE" | "FAILED"): Promise<void> {
    const drive = { ...this.#record.drive, updatedAt: at };
    await this.#catalog.close({ ...this.#record, drive }, undefined, state);
  }
}
