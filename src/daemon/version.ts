import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

/** The version of this program, as its package says: the nearest one above this module, in `src/` and in `dist/` alike. */
export function programVersion(): string {
  for (let directory = import.meta.dirname; ; directory = dirname(directory)) {
    const file = join(directory, "package.json");
    if (existsSync(file))
      return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
    if (directory === dirname(directory)) throw new Error(`no package.json above ${import.meta.dirname}`);
  }
}
