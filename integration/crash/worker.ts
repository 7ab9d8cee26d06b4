import { writeSync } from "node:fs";
import { join } from "node:path";
import { FileHypervisor } from "#adapters/file/adapter.js";
import { Refusal } from "#drive/refusal.js";
import { callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { carryOutStep } from "./carry-out-step.js";
import { scriptOf, wholeLife } from "./script.js";
import { steppedCatalog, steppedHypervisor, steppedImages } from "./steps.js";

/**
 * The service in a process of its own: it opens the directory, reconciles, and goes on with a script after the calls that
 * were answered. At one step it kills itself, with nothing tidied up. What it writes to its standard output is seen by the
 * parent whatever happens then: a line for each answer, and one for each step.
 *
 * Arguments: the directory, the seed (`life` for the script of every step), the length, how many calls were answered, the
 * drives that those made, and the number of the step that kills; -1 for none.
 */
const [directory = "", seed = "", length = "0", answered = "0", drives = "", killAt = "-1"] = process.argv.slice(2);
const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

let count = 0;
const onStep = (name: string) => {
  say({ step: name });
  if (count === Number(killAt)) process.kill(process.pid, "SIGKILL");
  count += 1;
};

const hypervisor = steppedHypervisor(new FileHypervisor(join(directory, "instances")), onStep);
const rig = await DriveServiceRig.open(hypervisor, {
  directory,
  wrap: { catalog: (catalog) => steppedCatalog(catalog, onStep), images: (images) => steppedImages(images, onStep) },
});
const { refusals } = await rig.service.reconcile(AbortSignal.timeout(20_000));
for (const refusal of refusals) say({ refusal: refusal.message });

const script = seed === "life" ? wholeLife() : scriptOf(Number(seed), Number(length));
const ids = drives === "" ? [] : drives.split(",");
for (const [index, step] of script.entries()) {
  if (index < Number(answered)) continue;
  try {
    const id = await carryOutStep(rig.service, step, ids, callOf("p1"));
    say({ answer: "ok", index, ...(id === undefined ? {} : { id }) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say({ answer: error.reason, index });
  }
}
say({ done: count });
await rig.leave();
