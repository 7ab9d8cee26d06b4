import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import { writeImage } from "#image/sink/file.js";
import { largeTree } from "./trees.js";

/** A process of its own: prints how much its peak of memory grew, in MiB, while it wrote an image of 64 MiB. */
const tree = largeTree();
const directory = mkdtempSync(join(tmpdir(), "bench-memory-"));
try {
  const before = memory("VmRSS");
  await writeImage(planIso9660(tree, { label: "config-2", time: new Date(0) }), join(directory, "image"), {
    mode: 0o600,
  });
  console.log(memory("VmHWM") - before);
} finally {
  rmSync(directory, { recursive: true });
}

/** MiB, now or at the most. Not getrusage's peak: that one a process inherits from its parent. */
function memory(field: "VmRSS" | "VmHWM"): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"));
  return Number(line?.[1]) / 1024;
}
