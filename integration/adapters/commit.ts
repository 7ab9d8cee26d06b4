import { execFileSync } from "node:child_process";

/** What the suite writes itself, which does not make the commit another one. */
const OWN = [":!adapters/proven.json", ":!docs/adapters.md"];

/** The commit that is tested, such as `1a2b3c4d5e`; with `, changed` where files differ from it. */
export function testedCommit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--", ".", ...OWN) !== "";
  return git("rev-parse", "--short=10", "HEAD") + (changed ? ", changed" : "");
}
