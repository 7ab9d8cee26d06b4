import { constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Fence } from "#drive/hosts.js";
import { Refusal } from "#drive/refusal.js";

/** No command reaches an agent this long after it was sent; a drive that was not heard of since needs no fence. */
const KEPT_MS = 24 * 60 * 60 * 1000;

const driveName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

interface Seen {
  revision: number;
  /** Aborts what runs for an older revision. */
  overtaken: AbortController;
  /** The revision that is written down. */
  kept: number;
  /** When it was last written or read, in milliseconds since the epoch. */
  at: number;
}

/**
 * The newest revision of each drive that somebody commanded for: the agent's journal, and all that it remembers. It must
 * outlive the agent, or a command that a dead service had sent could undo, after a restart, what a living one did since. It
 * need not outlive the host: with the host the instances went. So a file for each drive, renamed into place and never synced.
 */
export class Fences {
  readonly #seen = new Map<string, Seen>();

  private constructor(
    private readonly directory: string,
    private readonly now: () => Date,
  ) {}

  /** Opens the journal in a directory of its own, and forgets what is older than a day. */
  static async open(directory: string, now: () => Date): Promise<Fences> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const fences = new Fences(directory, now);
    for (const name of await readdir(directory)) await fences.#read(name);
    await fences.forget();
    return fences;
  }

  /**
   * Admits a command, and overtakes what is older. Gives the signal that aborts when a newer one comes.
   * Refusals: DRIVE_BUSY for one that is older than another.
   */
  admit({ driveId, revision }: Fence): AbortSignal {
    const seen = this.#seen.get(driveId) ?? { revision: 0, overtaken: new AbortController(), kept: 0, at: 0 };
    this.#seen.set(driveId, seen);
    if (revision < seen.revision) throw tooOld(driveId, revision, seen.revision);
    if (revision > seen.revision) {
      seen.overtaken.abort(tooOld(driveId, seen.revision, revision));
      seen.revision = revision;
      seen.overtaken = new AbortController();
    }
    return seen.overtaken.signal;
  }

  /** Writes down what was admitted for a drive. One caller at a time for one drive. */
  async keep(driveId: string): Promise<void> {
    const seen = this.#seen.get(driveId);
    if (seen === undefined || seen.kept === seen.revision) return;
    const { revision } = seen;
    const partial = join(this.directory, `.${driveId}`);
    await rm(partial, { force: true });
    await using file = await open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    await file.writeFile(`${revision}\n`);
    await rename(partial, join(this.directory, driveId));
    seen.kept = revision;
    seen.at = this.now().getTime();
  }

  /** Forgets drives that nobody commanded for in a day. */
  async forget(): Promise<void> {
    const before = this.now().getTime() - KEPT_MS;
    for (const [driveId, { at, kept }] of this.#seen) {
      if (kept === 0 || at >= before) continue;
      this.#seen.delete(driveId);
      await rm(join(this.directory, driveId), { force: true });
    }
  }

  async #read(name: string): Promise<void> {
    const path = join(this.directory, name);
    const text = driveName.test(name) ? (await readFile(path, "utf8")).trim() : "";
    const { mtimeMs } = await stat(path);
    // A partial file is what a kill left, before anything was done for that revision.
    if (!/^[0-9]{1,16}$/.test(text)) return await rm(path, { force: true });
    const revision = Number(text);
    this.#seen.set(name, { revision, overtaken: new AbortController(), kept: revision, at: mtimeMs });
  }
}

function tooOld(driveId: string, revision: number, newest: number): Refusal {
  return new Refusal(
    "DRIVE_BUSY",
    `revision ${revision} of drive ${driveId} is out of date here: this host was told of revision ${newest}`,
    { metadata: { drive_id: driveId } },
  );
}
