import { spawn } from "node:child_process";
import { Refusal } from "#drive/refusal.js";
import { refusalFromSignal } from "../wait-ended.js";

/** Enough of what QEMU says to know why it did not start. */
const MOST_SAID = 2000;

/**
 * Starts a QEMU that goes into the background by itself once its machine is made, in a session of its own, and so outlives this
 * process. Returns when it has gone there. Refusals: HYPERVISOR_FAILED with what QEMU said; DEADLINE_EXCEEDED, CANCELLED, and then it
 * may still be on its way.
 */
export async function startQemu(
  program: string,
  args: readonly string[],
  instanceId: string,
  signal: AbortSignal,
  /** What may be told of what QEMU says. */
  tellable: (said: string) => string,
): Promise<void> {
  const child = spawn(program, args, { detached: true, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-MOST_SAID);
  });
  const over = Promise.withResolvers<string>();
  child.once("error", (error) => over.resolve(error.message));
  child.once("close", (code, killed) => over.resolve(code === 0 ? "" : `${killed ?? `exit ${code}`}: ${said.trim()}`));
  const aborted = () => over.reject(refusalFromSignal(signal, `starting instance ${instanceId}`));
  if (signal.aborted) aborted();
  signal.addEventListener("abort", aborted, { once: true });
  try {
    const why = await over.promise;
    if (why === "") return;
    throw new Refusal("HYPERVISOR_FAILED", `QEMU did not start instance ${instanceId}: ${tellable(why)}`, {
      metadata: { hypervisor: "qemu", instance_id: instanceId },
    });
  } finally {
    signal.removeEventListener("abort", aborted);
    child.unref();
  }
}
