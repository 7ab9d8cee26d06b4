import { writeSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunInstances } from "#drive/instance/use-cases.js";
import { Refusal } from "#drive/refusal.js";
import { callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { steppedCatalog, steppedHypervisor, steppedImages, steppedLauncher } from "../crash/steps.js";
import { backendOf } from "./killed-backends.js";

/**
 * The service in a process of its own, over a real backend. `run`: asks for two instances, and kills itself at one step, with nothing tidied
 * up. `look`: the next start; it reconciles, tells what is there, makes the same call again, tells what is there then, and ends
 * all of it. What it tells is a line of JSON each.
 *
 * Arguments: `run` or `look`, the backend (`qemu`, or the socket of a libvirt daemon), the directory, whether the second launch is to fail (`good` or `bad`), and the number of the step that kills.
 */
const [what = "", where = "", directory = "", which = "", killAt = "-1"] = process.argv.slice(2);
const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

let count = 0;
const onStep = (step: string) => {
  if (what === "run") say({ step });
  if (count === Number(killAt)) process.kill(process.pid, "SIGKILL");
  count += 1;
};

await writeFile(join(directory, "disk0"), Buffer.alloc(512));
const { hypervisor, launcher, template, machines } = await backendOf(where, directory);
const stepped = steppedLauncher(launcher, onStep);
const rig = await DriveServiceRig.open(steppedHypervisor(hypervisor, onStep), {
  directory,
  launcher: stepped,
  wrap: { catalog: (catalog) => steppedCatalog(catalog, onStep), images: (images) => steppedImages(images, onStep) },
});
const call = callOf("p1", AbortSignal.timeout(120_000));
const request: RunInstances = {
  ...{
    requestId: "8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11",
    host: "",
    name: "vm",
    minCount: 2,
    maxCount: 2,
    label: "",
    sizeBytes: 0,
  },
  template: template(join(directory, which === "bad" ? "disk{launch_index}" : "disk0")),
  content: { kind: "blob", bytes: Buffer.from("hello") },
};

/** Everything that there is. */
async function tell(): Promise<void> {
  const { instances } = await rig.service.instances.list({ reservationId: "", pageSize: 0, pageToken: "" }, call);
  const { drives } = await rig.service.list({ instanceId: "", pageSize: 0, pageToken: "" }, call);
  const running: string[] = [];
  for (const { instance } of instances) {
    if (await launcher.runs(instance.id, call)) running.push(instance.id);
  }
  say({
    instances: instances.map(({ instance }) => [instance.id, instance.state]),
    machines: await machines(),
    running: running.length,
    seen: drives.flatMap(({ attachments }) => attachments.map(({ observedGeneration }) => observedGeneration)),
    drives: drives.length,
    files: (await rig.files()).length,
    underWay: (await rig.catalog.instances.underWay()).length + (await rig.catalog.underWay()).length,
  });
}

async function run(): Promise<void> {
  await rig.service.instances.run(request, call).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    say({ refused: error.reason });
  });
}

if (what === "run") await run();
else {
  await rig.service.reconcile(AbortSignal.timeout(60_000));
  await tell();
  await run();
  await tell();
  const { instances } = await rig.service.instances.list({ reservationId: "", pageSize: 0, pageToken: "" }, call);
  await rig.service.instances.terminate(
    { requestId: crypto.randomUUID(), instanceIds: instances.map(({ instance }) => instance.id) },
    call,
  );
  await tell();
}
await rig.leave();
