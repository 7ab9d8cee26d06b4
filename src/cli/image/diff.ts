import type { Command } from "commander";
import { type SessionOptions, serviceOptions } from "#cli/drive/service-command.js";
import { listWithProgress } from "./inspect.js";
import type { ListedEntry, Listing } from "./listing.js";

/** One thing in which two images differ. */
export interface Difference {
  readonly path: string;
  readonly change: "added" | "removed" | "changed";
  /** What changed, such as `size 3 -> 5`. */
  readonly what: string;
}

const COMPARED = ["kind", "size", "sha256", "mode", "uid", "gid", "target"] as const;

function changes(a: ListedEntry, b: ListedEntry): string {
  return COMPARED.filter((key) => a[key] !== b[key])
    .map((key) => (key === "sha256" ? "content" : `${key} ${a[key] ?? "none"} -> ${b[key] ?? "none"}`))
    .join(", ");
}

/** What a guest would see change from one image to the other: files, their bytes, modes and owners, and the label. */
export function difference(a: Listing, b: Listing): Difference[] {
  const differences: Difference[] = [];
  if (a.variant !== b.variant)
    differences.push({ path: "(format)", change: "changed", what: `${a.variant} -> ${b.variant}` });
  if (a.label !== b.label) {
    differences.push({ path: "(label)", change: "changed", what: `${a.label ?? "none"} -> ${b.label ?? "none"}` });
  }
  if (a.format === "raw" && b.format === "raw" && a.sha256 !== b.sha256) {
    differences.push({ path: "(bytes)", change: "changed", what: `sha256 ${a.sha256} -> ${b.sha256}` });
  }
  const left = new Map(a.entries.map((entry) => [entry.path, entry]));
  const right = new Map(b.entries.map((entry) => [entry.path, entry]));
  for (const path of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const before = left.get(path);
    const after = right.get(path);
    if (before === undefined && after !== undefined) differences.push({ path, change: "added", what: after.kind });
    else if (before !== undefined && after === undefined)
      differences.push({ path, change: "removed", what: before.kind });
    else if (before !== undefined && after !== undefined) {
      const what = changes(before, after);
      if (what !== "") differences.push({ path, change: "changed", what });
    }
  }
  return differences;
}

const SIGN = { added: "+", removed: "-", changed: "~" } as const;

interface DiffOptions extends SessionOptions {
  readonly json?: boolean;
}

/** `configdrive diff A B`: what a guest would see change; exit 1 if anything, as diff(1). `configdrive diff DRIVE`: as `drive diff`. */
export function registerDiff(program: Command): void {
  const command = program
    .command("diff")
    .description(
      "show what a guest would see change from one image to another (exit 1 if anything), or by a refresh of a drive",
    )
    .argument("<image-or-drive>", "an image; alone, a drive of a running service")
    .argument("[image]", "another image")
    .option("--json", "print one JSON document");
  serviceOptions(command, process.env).action(async (a: string, b: string | undefined, options: DiffOptions) => {
    if (b === undefined) return await diffOfDrive(a, options);
    const differences = difference(await listWithProgress(a), await listWithProgress(b));
    if (options.json === true) process.stdout.write(`${JSON.stringify(differences, undefined, 2)}\n`);
    else for (const { path, change, what } of differences) process.stdout.write(`${SIGN[change]} ${path}  ${what}\n`);
    if (differences.length > 0) process.exitCode = 1;
  });
}

async function diffOfDrive(driveId: string, options: SessionOptions): Promise<void> {
  const { PROCESS } = await import("#cli/drive/commands.js");
  const { diffDrive } = await import("#cli/drive/diff.js");
  await diffDrive(driveId, options, PROCESS);
}
