import { setTimeout as pause } from "node:timers/promises";
import { Unreachable } from "../http-exchange.js";
import { retrieveOne } from "./properties.js";
import type { Session } from "./session.js";
import { AnswerError, childOf, elementsOf, type Reference, referenceIn, textOf, typeOf, VimFault } from "./vim.js";

/** How often a task is looked at: soon at first, then less and less. */
const FIRST_MS = 20;
const LAST_MS = 1000;

/** Calls a method that makes a task, and waits until that has ended. Throws the task's own fault as VimFault. */
export async function runTask(session: Session, taskMs: number, call: Parameters<Session["call"]>): Promise<void> {
  const signal = call[3];
  const task = referenceIn(childOf(await session.call(...call), "returnval"));
  if (task === undefined) throw new AnswerError(`${call[0]} gave no task`);
  const { state, fault } = await ended(session, task, taskMs, signal);
  if (state === "error") throw fault;
}

/**
 * Waits until nothing that somebody began on an object is under way any more: also what an earlier process of this service
 * began and did not see the end of. How it ended is of no account, the caller looks afterwards.
 */
export async function settle(session: Session, object: Reference, taskMs: number, signal: AbortSignal): Promise<void> {
  const recent = (await retrieveOne(session, object, ["recentTask"], signal)).get("recentTask");
  for (const found of recent === undefined ? [] : elementsOf(recent)) {
    const task = referenceIn(found);
    if (task !== undefined) await ended(session, task, taskMs, signal).catch(unlessForgotten);
  }
}

interface Ended {
  readonly state: "success" | "error";
  readonly fault?: VimFault;
}

async function ended(session: Session, task: Reference, taskMs: number, signal: AbortSignal): Promise<Ended> {
  const until = performance.now() + taskMs;
  for (let wait = FIRST_MS; ; wait = Math.min(wait * 2, LAST_MS)) {
    const info = await retrieveOne(session, task, ["info.state", "info.error"], signal);
    const state = info.get("info.state")?.textContent;
    if (state === "success") return { state };
    if (state === "error") {
      const error = info.get("info.error");
      const fault = childOf(error, "fault");
      const words = textOf(error, "localizedMessage");
      return { state, fault: new VimFault(fault === undefined ? "" : typeOf(fault), words || "a task failed") };
    }
    if (performance.now() >= until) {
      throw new Unreachable(`its ${task.value} is still ${state ?? "unknown"} after ${taskMs} ms`);
    }
    await pause(wait, undefined, { signal });
  }
}

/** A task that vCenter has forgotten in between has ended. */
function unlessForgotten(error: unknown): void {
  if (!(error instanceof VimFault && error.type === "ManagedObjectNotFound")) throw error;
}
