import { readdirSync, readFileSync } from "node:fs";
import { sha256 } from "./random-trees.js";

/** SHA-256 of every regular file below a directory by its path. */
export function filesBelow(directory: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`;
    if (entry.isFile()) found.set(path.slice(directory.length + 1), sha256(readFileSync(path)));
  }
  return found;
}
