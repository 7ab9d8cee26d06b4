import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const line = z.union([
  z.object({ step: z.string() }),
  z.object({ answer: z.string(), index: z.int(), id: z.string().optional() }),
  z.object({ refusal: z.string() }),
  z.object({ done: z.int() }),
]);

/** How a worker is started; see `worker.ts`. */
export interface WorkerRun {
  readonly directory: string;
  readonly seed: number | "life";
  readonly length: number;
  readonly answered: number;
  readonly ids: readonly string[];
  /** The step at which it kills itself. */
  readonly killAt?: number;
  /** Milliseconds after its first step at which it is killed from outside. */
  readonly killAfterMs?: number;
}

/** What a worker told before its end. */
export interface WorkerStory {
  readonly answers: readonly { readonly answer: string; readonly index: number; readonly id?: string | undefined }[];
  readonly refusals: readonly string[];
  readonly steps: readonly string[];
  /** It came to the end of its script. */
  readonly finished: boolean;
}

/** Runs a worker to its end or its kill. Throws when it ends in any other way, with what it printed as errors. */
export async function runWorker(run: WorkerRun): Promise<WorkerStory> {
  const program = fileURLToPath(new URL("../../dist/integration/crash/worker.js", import.meta.url));
  const { directory, seed, length, answered, ids, killAt = -1, killAfterMs } = run;
  const args = [directory, seed, length, answered, ids.join(","), killAt].map(String);
  const worker = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "--disable-warning=ExperimentalWarning" },
  });
  const answers: WorkerStory["answers"][number][] = [];
  const refusals: string[] = [];
  const steps: string[] = [];
  let finished = false;
  let errors = "";
  worker.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const closed = once(worker, "close");
  for await (const text of createInterface({ input: worker.stdout })) {
    const told = line.parse(JSON.parse(text));
    if ("step" in told) {
      if (steps.length === 0 && killAfterMs !== undefined) setTimeout(() => worker.kill("SIGKILL"), killAfterMs);
      steps.push(told.step);
    } else if ("answer" in told) answers.push(told);
    else if ("refusal" in told) refusals.push(told.refusal);
    else finished = true;
  }
  await closed;
  if (worker.signalCode !== "SIGKILL" && !(finished && worker.exitCode === 0)) {
    throw new Error(`the worker ended by ${worker.signalCode ?? worker.exitCode}: ${errors}`);
  }
  return { answers, refusals, steps, finished };
}
