import { execFile } from "node:child_process";
import { chown, mkdir } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A server of a database that a rig started, of which a test takes a database of its own. */
export interface DatabaseServer extends AsyncDisposable {
  readonly kind: "postgresql" | "mariadb";
  /** Of the server. */
  readonly version: string;
  /** Makes an empty database, and gives its URL as `[catalog] connection` takes it. */
  createDatabase(): Promise<string>;
  /** Writes a database, by its URL, into a file with the server's own program, as an operator does. */
  dump(url: string, file: string): Promise<void>;
  /** Makes a database out of such a file, and gives its URL. */
  restore(file: string): Promise<string>;
  /** Ends the server in good order; its data stays for `start`. */
  shutdown(): Promise<void>;
  /** Ends the server without a word; what was committed stays for `start`. */
  kill(): Promise<void>;
  /** Starts the server again after `shutdown` or `kill`; it accepts connections when this ends. */
  start(): Promise<void>;
  /** Stops the server where it stands: its clients hear nothing until `resume`. */
  pause(): void;
  resume(): void;
}

/** Needs quoting everywhere that a password goes, so that whoever forgets it is found out. */
export const password = "p@ss/w:r d?#%'\"$";

/** The name of the database in a URL that `createDatabase` gave. */
export function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

/**
 * How a program is run as the server's own user. Root's rights are given up for good, because a server refuses root or hands
 * files to its user; an ordinary user runs it as it is. The kernel forgets whose death a process wants to share when its user
 * changes (prctl(2), PR_SET_PDEATHSIG), so that is said again.
 */
export function asUser(user: string, program: string, args: readonly string[]): [program: string, args: string[]] {
  if (process.getuid?.() !== 0) return [program, [...args]];
  const change = [`--reuid=${user}`, `--regid=${user}`, "--init-groups", "--pdeathsig=KILL"];
  return ["setpriv", [...change, "--", program, ...args]];
}

/** Makes a folder that is the server's user's. */
export async function folderOf(user: string, path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (process.getuid?.() !== 0) return;
  const [uid = 0, gid = 0] = await Promise.all(
    ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, user])).stdout)),
  );
  await chown(path, uid, gid);
}
