import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Child } from "../rigs/child.js";
import { LibvirtDaemon } from "../rigs/libvirt-daemon.js";
import { privateDirectory } from "../rigs/private-directory.js";

const told = z.union([
  z.object({ step: z.string() }),
  z.object({ refused: z.string() }),
  z.object({
    instances: z.array(z.tuple([z.string(), z.string()])),
    ...{ machines: z.int(), running: z.int(), drives: z.int(), files: z.int(), underWay: z.int() },
    seen: z.array(z.int()),
  }),
]);
type Told = z.infer<typeof told>;

/**
 * Where the sweep kills: after every commit about the instances, every image, every launch and every end of one; the full form, before and
 * after every use of a port, and within every image.
 */
const effect = /^after (instances\.(open|turnBack|close)|images\.(place|removeDrive)|launcher\.(launch|destroy))$/;
const swept = (step: string) => process.env.FORM === "full" || effect.test(step);

/**
 * Runs two instances in a process that is killed at one step, then the next start. Both are in a process namespace of their own, so
 * that the QEMUs they start outlive the first and not the test. libvirt's are its daemon's.
 */
async function schedule(
  where: string,
  which: "good" | "bad",
  killAt: number,
): Promise<{ readonly steps: string[]; readonly after: Told[] }> {
  const directory = await privateDirectory("killed");
  const worker = fileURLToPath(new URL("../../dist/integration/instances/worker.js", import.meta.url));
  const script = '"$0" "$1" run "$2" "$3" "$4" "$5" > "$3/run"; "$0" "$1" look "$2" "$3" "$4" > "$3/look"';
  const log = join(directory, "log");
  try {
    const namespace = ["--pid", "--fork", "--kill-child", "--mount-proc"];
    const args = ["sh", "-c", script, process.execPath, worker, where, directory, which, String(killAt)];
    const child = await Child.start("unshare", [...namespace, ...args], {
      log,
      env: { ...process.env, NODE_OPTIONS: "--disable-warning=ExperimentalWarning" },
    });
    await child.exit;
    const linesOf = async (name: string) => {
      const text = await readFile(join(directory, name), "utf8");
      return text.split("\n").flatMap((line) => (line === "" ? [] : [told.parse(JSON.parse(line))]));
    };
    const steps = (await linesOf("run")).flatMap((line) => ("step" in line ? [line.step] : []));
    const after = await linesOf("look");
    if (after.length < 3) throw new Error(`the next start told too little: ${await readFile(log, "utf8")}`);
    return { steps, after };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const none = { instances: [], machines: 0, running: 0, drives: 0, files: 0, underWay: 0, seen: [] };
const both = {
  instances: [
    [expect.any(String), "RUNNING"],
    [expect.any(String), "RUNNING"],
  ],
  ...{ machines: 2, running: 2, drives: 2, files: 2, underWay: 0, seen: [1, 1] },
};

/** Kills at every step that is swept, two at a time, and looks at what the next start makes of it. */
async function sweep(
  [first, second]: readonly [string, string],
  which: "good" | "bad",
  check: (step: string, after: readonly Told[]) => void,
): Promise<number> {
  const { steps, after } = await schedule(first, which, -1);
  check("none", after);
  const left = steps.flatMap((step, killAt) => (swept(step) ? [killAt] : []));
  const kills = left.length;
  const one = async (where: string) => {
    for (let killAt = left.shift(); killAt !== undefined; killAt = left.shift()) {
      const killed = await schedule(where, which, killAt);
      expect(killed.steps).toHaveLength(killAt + 1);
      check(`${killAt} ${steps[killAt]}`, killed.after);
    }
  };
  await Promise.all([one(first), one(second)]);
  return kills;
}

const daemons: LibvirtDaemon[] = [];
afterAll(async () => {
  for (const daemon of daemons) await daemon[Symbol.asyncDispose]();
}, 60_000);

describe.each(["qemu", "libvirt"])("on %s", (backend) => {
  // What a schedule counts is everything that its backend has: each of two at a time has a daemon of its own.
  beforeAll(async () => {
    if (backend === "libvirt") for (const _ of [1, 2]) daemons.push(await LibvirtDaemon.start());
  }, 120_000);
  const places = (): [string, string] => {
    const [first, second] = daemons;
    return backend === "qemu" ? ["qemu", "qemu"] : [first?.socket ?? "", second?.socket ?? ""];
  };

  test("killed at every step of a run, the next start has both instances or neither, and the same call gives both", async () => {
    const kills = await sweep(places(), "good", (step, [first, second, last]) => {
      const isThere = first !== undefined && "instances" in first && first.instances.length > 0;
      expect({ step, first }).toEqual({ step, first: isThere ? both : none });
      expect({ step, second }).toEqual({ step, second: both });
      if (isThere && second !== undefined && "instances" in second) expect(second.instances).toEqual(first.instances);
      expect({ step, last }).toEqual({ step, last: none });
    });
    expect(kills).toBeGreaterThan(5);
  }, 900_000);

  test("killed at every step of a run that fails, the next start has neither, and the same call is refused again", async () => {
    const kills = await sweep(places(), "bad", (step, [first, refused, second]) => {
      expect({ step, first, refused, second }).toEqual({
        step,
        first: none,
        refused: { refused: "HYPERVISOR_FAILED" },
        second: none,
      });
    });
    expect(kills).toBeGreaterThan(5);
  }, 900_000);
});
