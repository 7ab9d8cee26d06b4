import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { Owner } from "../owner.js";

/*
 * The note beside the file that tells the next one who has the catalog. The ownership itself is SQLite's exclusive lock, which
 * the kernel takes back whatever becomes of the owner.
 */
const note = z.object({ pid: z.int(), host: z.string(), since: z.string() });

/**
 * Writes the note. Called only by the one who has the lock. A disk that is full takes no note, and that is no reason not to
 * start: the next one then learns only that somebody has the catalog.
 */
export function writeOwner(file: string, owner: Owner): void {
  try {
    writeFileSync(noteOf(file), `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  } catch {
    removeOwner(file);
  }
}

/** Removes the note, as the last thing before the lock goes. */
export function removeOwner(file: string): void {
  rmSync(noteOf(file), { force: true });
}

/** Names the owner for a message, as well as it can be known. */
export function describeOwner(file: string): string {
  try {
    const { pid, host, since } = note.parse(JSON.parse(readFileSync(noteOf(file), "utf8")));
    return `process ${pid} on ${host}, since ${since}`;
  } catch {
    return "another process, which left no note of itself";
  }
}

function noteOf(file: string): string {
  return `${file}.owner`;
}
