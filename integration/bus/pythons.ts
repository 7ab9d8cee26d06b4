import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Python } from "./oslo-peer.js";

const run = promisify(execFile);
const peer = "integration/bus/peers/peer.py";
const environment = ".cache/oslo-newest";
/** With brotli and zstd, which kombu takes up where they are. */
const packages = ["oslo.messaging", "eventlet", "brotli", "backports.zstd"];

/** oslo.messaging as Debian 12 has it (14.0). */
export const debian12: Python = { name: "Debian 12", command: ["/usr/bin/python3", peer] };

/** The newest oslo.messaging on PyPI, in a virtual environment that `installNewest` makes. */
export const newest: Python = { name: "newest", command: [`${environment}/bin/python`, peer] };

/** Makes the environment where it is missing or was made of other packages, and brings it up to date in the full form. */
export async function installNewest(form: "short" | "full"): Promise<void> {
  const note = `${environment}/complete`;
  const madeOf = await readFile(note, "utf8").catch(() => undefined);
  const present = madeOf === packages.join(" ");
  if (present && form === "short") return;
  if (!present) {
    await rm(environment, { recursive: true, force: true });
    await run("/usr/bin/python3", ["-m", "venv", environment]);
  }
  await run(`${environment}/bin/pip`, ["install", "--quiet", "--upgrade", ...packages]);
  await writeFile(note, packages.join(" "));
}
