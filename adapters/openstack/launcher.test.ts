import { randomUUID } from "node:crypto";
import type { ShownDrive } from "#drive/launcher.js";
import { OpenstackLauncher } from "./launcher.js";
import { tagOf } from "./names.js";
import type { Fault, ScriptedCloud } from "./scripted-cloud.js";
import { ScriptedProject } from "./scripted-project.js";

let scripted: ScriptedProject;
let cloud: ScriptedCloud;
let launcher: OpenstackLauncher;

beforeEach(async () => {
  scripted = await ScriptedProject.open();
  cloud = scripted.cloud;
  launcher = new OpenstackLauncher(scripted.project());
});

afterEach(() => scripted[Symbol.asyncDispose]());

const wait = () => ({ signal: AbortSignal.timeout(60_000) });
const instanceOf = () => {
  const template = JSON.stringify({ flavorRef: "1", imageRef: randomUUID(), networks: "none" });
  return { id: randomUUID(), name: "web", launchIndex: 0, template };
};

async function drive(deleteOnTermination: boolean): Promise<ShownDrive> {
  const image = await scripted.image(randomUUID(), 1);
  return { revision: 1, image, device: { kind: "disk", bus: "virtio", name: "d", reason: "" }, deleteOnTermination };
}

/** The servers that were made. */
const made = () => [...cloud.servers.keys()].filter((id) => id !== cloud.server);

test.each([
  [{ status: 400, text: "Invalid input for field flavorRef" }, "INVALID_ARGUMENT"],
  [{ status: 403, text: "Quota exceeded for ram" }, "QUOTA_EXCEEDED"],
  [{ status: 409, text: "Multiple possible networks found" }, "INSTANCE_BUSY"],
  [{ status: 413 }, "QUOTA_EXCEEDED"],
  [{ status: 429 }, "HYPERVISOR_UNREACHABLE"],
  [{ status: 500 }, "HYPERVISOR_UNREACHABLE"],
  [{ status: 504, isDone: true }, "HYPERVISOR_UNREACHABLE"],
] as const satisfies readonly (readonly [Fault, string])[])(
  "nova answers %j to a new server: %s, and nothing is left of it",
  async (fault, reason) => {
    cloud.faults.set("POST /servers", fault);
    await expect(launcher.launch(instanceOf(), [await drive(false)], wait())).rejects.toMatchObject({ reason });
    expect(cloud.faults.size).toBe(0);
    expect(made()).toEqual([]);
    expect(cloud.kept()).toEqual([]);
  },
);

test("a server that a run before us has begun is waited for, and no second one is made", async () => {
  const instance = instanceOf();
  const begun = randomUUID();
  cloud.servers.set(begun, { name: "web", status: "BUILD", tags: [tagOf(instance.id)] });
  await launcher.launch(instance, [await drive(true)], wait());
  expect(made()).toEqual([begun]);
  expect(await launcher.runs(instance.id, wait())).toBe(true);
});

test.each([
  [true, 0],
  [false, 1],
])("delete_on_termination = %s: after its server %i of the drive's volumes are left", async (goes, left) => {
  const instance = instanceOf();
  await launcher.launch(instance, [await drive(goes)], wait());
  const [server = ""] = made();
  expect(cloud.read(server)).toEqual(["generation 1"]);
  await launcher.destroy(instance.id, wait());
  expect(made()).toEqual([]);
  expect(cloud.kept()).toHaveLength(left);
});
