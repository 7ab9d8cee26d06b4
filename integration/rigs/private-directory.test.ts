import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { privateDirectory } from "./private-directory.js";

test("what a process that is gone left behind is removed; what belongs to one that lives stays", async () => {
  const mine = await privateDirectory("test");
  const gone = execFileSync("sh", ["-c", "echo $$"]).toString().trim();
  const orphan = mine.replace(`-${process.pid}-`, `-${gone}-`);
  mkdirSync(join(orphan, "data"), { recursive: true });
  const other = mine.replace(`-${process.pid}-`, "-1-");
  mkdirSync(other);
  try {
    const next = await privateDirectory("test");
    rmSync(next, { recursive: true });
    expect(existsSync(orphan)).toBe(false);
    expect(existsSync(other)).toBe(true);
    expect(existsSync(mine)).toBe(true);
  } finally {
    for (const directory of [mine, other]) rmSync(directory, { recursive: true });
  }
});
