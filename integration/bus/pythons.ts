import { execFile } from "node:child_process";
import { access, rm } from "node:fs/promises";
import { promisify } from "node:util";
import type { Python } from "./oslo-peer.js";

const run = promisify(execFile);
const peer = "integration/bus/peers/peer.py";
const environment = ".cache/oslo-newest";

/** oslo.messaging as Debian 12 has it (14.0). */
export const debian12: Python = { name: "Debian 12", command: ["/usr/bin/python3", peer] };

/** The newest oslo.messaging on PyPI, in a virtual environment that `installNewest` makes. */
export const newest: Python = { name: "newest", command: [`${environment}/bin/python`, peer] };

/** Makes the environment where it is missing, and brings it up to date on request. */
export async function installNewest(form: "short" | "full"): Promise<void> {
  const present = await access(`${environment}/complete`).then(
    () => true,
    () => false,
  );
  if (present && form === "short") return;
  if (!present) {
    await rm(environment, { recursive: true, force: true });
    await run("/usr/bin/python3", ["-m", "venv", environment]);
  }
  await run(`${environment}/bin/pip`, ["install", "--quiet", "--upgrade", "oslo.messaging", "eventlet"]);
  await run("touch", [`${environment}/complete`]);
}
