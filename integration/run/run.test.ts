import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { until } from "#integration/rigs/wait.js";

/** The story as make starts it (built before), and what it printed so far; all that it starts carries the mark in its environment. */
function startStory(env: NodeJS.ProcessEnv): { story: ChildProcess; mark: string; printed: () => string } {
  const mark = `CONFIGDRIVE_STORY=${randomUUID()}`;
  const { NODE_OPTIONS: _, TRANSPORT_URL: __, ...inherited } = process.env;
  const [name = "", value = ""] = mark.split("=");
  const story = spawn("node", ["dist/integration/run/main.js"], { env: { ...inherited, ...env, [name]: value } });
  let text = "";
  for (const stream of [story.stdout, story.stderr]) stream.on("data", (data) => (text += data));
  return { story, mark, printed: () => text };
}

/** The processes that carry the mark. */
function marked(mark: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark);
    } catch {
      return false; // ended since, or another user's
    }
  });
}

/** Waits until the kernel is done with every process of a story; all of them were ended before the story was, or with it. */
async function allGone(mark: string): Promise<void> {
  await until(60_000, "every process of the story to be gone", () => marked(mark).length === 0);
}

function directoriesOf(pid: number | undefined): string[] {
  return readdirSync(tmpdir()).filter((name) => new RegExp(`^configdrive-\\d+-${pid}-`).test(name));
}

test("told once it ends with 0, and nothing of it is left", async () => {
  const { story, mark, printed } = startStory({ ONCE: "1" });
  const [code] = await once(story, "close");
  expect(printed()).toContain("Everything was as asked for");
  expect(code).toBe(0);
  await allGone(mark);
  expect(directoriesOf(story.pid)).toEqual([]);
}, 120_000);

test.each([
  { signal: "SIGINT", at: "A config drive over the bus", code: 1 },
  { signal: "SIGTERM", at: "Ctrl-C stops everything", code: 0 },
] as const)(
  "$signal at “$at” ends everything, with $code",
  async ({ signal, at, code }) => {
    const { story, mark, printed } = startStory({});
    const closed = once(story, "close");
    await until(90_000, at, () => printed().includes(at));
    expect(marked(mark).length).toBeGreaterThan(3);
    story.kill(signal);
    expect(await closed).toEqual([code, null]);
    expect(printed()).toContain("Everything that was started has been stopped.");
    await allGone(mark);
    expect(directoriesOf(story.pid)).toEqual([]);
  },
  150_000,
);

test("killed without a word, it takes everything with it", async () => {
  const { story, mark, printed } = startStory({});
  await until(90_000, "the service to run", () => printed().includes("bin/configdrive serve"));
  story.kill("SIGKILL");
  await once(story, "close");
  await allGone(mark);
}, 120_000);

test("a bus that cannot be reached is told, and ends it with 1", async () => {
  const { story, mark, printed } = startStory({ ONCE: "1", TRANSPORT_URL: "rabbit://user:secret@127.0.0.1:1/" });
  expect(await once(story, "close")).toEqual([1, null]);
  expect(printed()).toMatch(/That failed: .*configdrive\.bus.*ECONNREFUSED/s);
  expect(printed()).not.toContain("secret");
  await allGone(mark);
}, 120_000);
