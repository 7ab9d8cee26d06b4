import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { type Fence, GONE_REVISION, type InstanceFence } from "#drive/hosts.js";
import { Refusal } from "#drive/refusal.js";

/** No command reaches an agent this long after it was sent; a drive that was not heard of since needs no fence. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** Lines after which the journal is written anew, with the newest of each drive alone. */
const LINES_AT_MOST = 100_000;

const LINE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) ([0-9]{1,16}) ([0-9]{1,16})$/;
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;

/** What entitles somebody to do something about a drive, or about an instance that a service runs. */
export type AnyFence = Fence | InstanceFence;

/** The id of what it is about. */
export function subjectOf(fence: AnyFence): string {
  return "driveId" in fence ? fence.driveId : fence.instanceId;
}

interface Seen {
  revision: number;
  /** Aborts what runs for an older revision. */
  overtaken: AbortController;
  /** The revision that is written down. */
  kept: number;
  /** When it was written down, in milliseconds since the epoch. */
  at: number;
}

/**
 * The newest revision of each drive and instance that somebody commanded for: the agent's journal, and all that it remembers. It must
 * outlive the agent, or a command that a dead service had sent could undo, after a restart, what a living one did since. It
 * need not outlive the host: with the host the instances went. So it is a file of lines (id, revision, time) that is only ever
 * appended to, and never synced; a last line that a kill cut short is of a command that had not begun.
 */
export class Fences implements AsyncDisposable {
  readonly #seen = new Map<string, Seen>();
  #lines = 0;
  /** The last write, after which the next one comes. */
  #last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly now: () => Date,
    private file: FileHandle,
    private readonly linesAtMost: number,
  ) {}

  /** Opens the journal, and forgets what is older than a day. */
  static async open(path: string, now: () => Date, linesAtMost = LINES_AT_MOST): Promise<Fences> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
    const fences = new Fences(path, now, file, linesAtMost);
    for (const line of (await readFile(path, "utf8")).split("\n")) fences.#read(line);
    await fences.#rewrite();
    return fences;
  }

  /**
   * Admits a command, and overtakes what is older. Gives the signal that aborts when a newer one comes.
   * Refusals: DRIVE_BUSY or INSTANCE_BUSY for one that is older than another.
   */
  admit(fence: AnyFence): AbortSignal {
    const [id, { revision }] = [subjectOf(fence), fence];
    const seen = this.#seen.get(id) ?? { revision: 0, overtaken: new AbortController(), kept: 0, at: 0 };
    this.#seen.set(id, seen);
    if (revision < seen.revision) throw tooOld(fence, revision, seen.revision);
    if (revision > seen.revision) {
      seen.overtaken.abort(tooOld(fence, seen.revision, revision));
      if (revision !== GONE_REVISION) seen.revision = revision;
      seen.overtaken = new AbortController();
    }
    return seen.overtaken.signal;
  }

  /** Writes down what was admitted, unless that was done. */
  async keep(fence: AnyFence): Promise<void> {
    const id = subjectOf(fence);
    const seen = this.#seen.get(id);
    if (seen === undefined || seen.kept === seen.revision) return;
    await this.#afterOthers(async () => {
      const { revision } = seen;
      const at = this.now().getTime();
      if (this.#lines >= this.linesAtMost) await this.#rewrite();
      await this.file.write(`${id} ${revision} ${at}\n`);
      this.#lines += 1;
      Object.assign(seen, { kept: revision, at });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#afterOthers(() => this.file.close());
  }

  #afterOthers(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #read(line: string): void {
    const [, id, revision, at] = LINE.exec(line) ?? [];
    if (id === undefined) return;
    const kept = Number(revision);
    if (kept === GONE_REVISION) return;
    this.#seen.set(id, { revision: kept, overtaken: new AbortController(), kept, at: Number(at) });
  }

  /** Puts a journal of what counts in the place of the one that there is. */
  async #rewrite(): Promise<void> {
    const before = this.now().getTime() - KEPT_MS;
    const lines: string[] = [];
    for (const [id, { kept, at }] of this.#seen) {
      if (kept === 0) continue;
      if (at < before) this.#seen.delete(id);
      else lines.push(`${id} ${kept} ${at}\n`);
    }
    const partial = `${this.path}.partial`;
    const file = await open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW, 0o600);
    await file.writeFile(lines.join(""));
    await rename(partial, this.path);
    await this.file.close();
    this.file = file;
    this.#lines = lines.length;
  }
}

function tooOld(fence: AnyFence, revision: number, newest: number): Refusal {
  const isDrive = "driveId" in fence;
  const [what, key] = isDrive ? (["drive", "drive_id"] as const) : (["instance", "instance_id"] as const);
  return new Refusal(
    isDrive ? "DRIVE_BUSY" : "INSTANCE_BUSY",
    `revision ${revision} of ${what} ${subjectOf(fence)} is out of date here: this host was told of revision ${newest}`,
    { metadata: { [key]: subjectOf(fence) } },
  );
}
