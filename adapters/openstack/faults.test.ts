import { randomUUID } from "node:crypto";
import type { PlacedImage } from "#drive/hypervisor.js";
import { OpenstackHypervisor } from "./adapter.js";
import type { Fault, ScriptedCloud, Step } from "./scripted-cloud.js";
import { ScriptedProject } from "./scripted-project.js";

const DEVICE = { kind: "disk", bus: "virtio", name: "d", reason: "" } as const;
const ATTACH = "POST /servers/ID/os-volume_attachments";
const DETACH = "DELETE /servers/ID/os-volume_attachments/ID";
const REIMAGE = "POST /volumes/ID/action";

let scripted: ScriptedProject;
let cloud: ScriptedCloud;
let hypervisor: OpenstackHypervisor;
let driveId: string;

beforeEach(async () => {
  scripted = await ScriptedProject.open();
  cloud = scripted.cloud;
  hypervisor = new OpenstackHypervisor(scripted.project());
  driveId = randomUUID();
});

afterEach(async () => {
  await hypervisor.close();
  await scripted[Symbol.asyncDispose]();
});

const wait = (signal = AbortSignal.timeout(60_000)) => ({ signal });
const generation = (number: number) => scripted.image(driveId, number);
const attach = (image: PlacedImage) => hypervisor.attach(cloud.server, image, DEVICE, wait());
const refresh = (image: PlacedImage, signal?: AbortSignal) =>
  hypervisor.refresh(cloud.server, image, DEVICE, false, wait(signal));
const shown = async () =>
  (await hypervisor.observe(cloud.server, wait()))?.map(({ generation }) => `generation ${generation}`);
const own = () => [...cloud.volumes.values()].map(({ id, description }) => ({ id, description }));

const FAULTS: readonly (readonly [Step, Fault, string])[] = [
  ["POST /images", { status: 409 }, "INSTANCE_BUSY"],
  ["POST /images", { status: 413, text: "image_count_total is 10, limit 10" }, "QUOTA_EXCEEDED"],
  ["POST /images", { status: 400, text: "Invalid disk format 'iso' for image." }, "HYPERVISOR_FAILED"],
  ["POST /images", { status: 429 }, "HYPERVISOR_UNREACHABLE"],
  ["POST /images", { status: 504, isDone: true }, "HYPERVISOR_UNREACHABLE"],
  ["PUT /images/ID/file", { status: 409 }, "INSTANCE_BUSY"],
  ["PUT /images/ID/file", { status: 413 }, "QUOTA_EXCEEDED"],
  ["PUT /images/ID/file", { status: 415 }, "HYPERVISOR_FAILED"],
  ["PUT /images/ID/file", { status: 503 }, "HYPERVISOR_UNREACHABLE"],
  ["POST /volumes", { status: 400, text: "Image has an unacceptable format" }, "HYPERVISOR_FAILED"],
  ["POST /volumes", { status: 412 }, "INSTANCE_BUSY"],
  ["POST /volumes", { status: 413, text: "VolumeSizeExceedsAvailableQuota" }, "QUOTA_EXCEEDED"],
  ["POST /volumes", { status: 429 }, "HYPERVISOR_UNREACHABLE"],
  ["POST /volumes", { status: 500 }, "HYPERVISOR_UNREACHABLE"],
  ["POST /volumes", { status: 504, isDone: true }, "HYPERVISOR_UNREACHABLE"],
  [ATTACH, { status: 400, text: "Invalid volume: volume is in use" }, "DEVICE_BUSY"],
  [ATTACH, { status: 409, text: "Cannot 'attach_volume' while it is in task_state rebooting" }, "INSTANCE_BUSY"],
  [ATTACH, { status: 409, text: "Cannot 'attach_volume' while it is in vm_state suspended" }, "INSTANCE_NOT_RUNNING"],
  [ATTACH, { status: 403, text: "The maximum allowed number of disk devices (1) exceeded" }, "QUOTA_EXCEEDED"],
  [ATTACH, { status: 429 }, "HYPERVISOR_UNREACHABLE"],
  [ATTACH, { status: 502, isDone: true }, "HYPERVISOR_UNREACHABLE"],
];

describe("an attach that fails leaves nothing, and the next one succeeds", () => {
  test.each(FAULTS)("%s: %j is %s", async (step, fault, reason) => {
    const image = await generation(1);
    cloud.faults.set(step, fault);
    await expect(attach(image)).rejects.toMatchObject({ reason });
    expect(cloud.faults.size).toBe(0);
    expect(cloud.kept()).toEqual([]);
    await attach(image);
    expect(cloud.read()).toEqual(["generation 1"]);
    expect(cloud.kept()).toEqual([`configdrive-${driveId}`]);
  });

  test.each([
    ["Image is unacceptable: format is qcow2", "HYPERVISOR_FAILED"],
    ["schedule allocate volume: No storage could be allocated for this volume request.", "STORAGE_FULL"],
  ])("a volume that Cinder cannot make, since %s: %s", async (words, reason) => {
    cloud.made = "error";
    cloud.messages.push(words);
    await expect(attach(await generation(1))).rejects.toMatchObject({
      reason,
      message: expect.stringMatching(new RegExp(`${words.replaceAll(".", "\\.")}; would work: `)),
    });
    expect(cloud.kept()).toEqual([]);
  });

  test.each<[Step, Fault, object]>([
    ["POST /volumes", { status: 429, retryAfter: 7 }, { reason: "HYPERVISOR_UNREACHABLE", retryAfterMs: 7000 }],
    [ATTACH, { status: 503, retryAfter: 30 }, { reason: "HYPERVISOR_UNREACHABLE", retryAfterMs: 30_000 }],
    ["POST /volumes", { status: 413, retryAfter: 7 }, { reason: "QUOTA_EXCEEDED", retryAfterMs: undefined }],
  ])("%s: a caller is told what %j says of the time to wait", async (step, fault, refusal) => {
    cloud.faults.set(step, fault);
    await expect(attach(await generation(1))).rejects.toMatchObject(refusal);
    expect(cloud.kept()).toEqual([]);
  });

  test("an image that Glance did not delete is deleted before the attach ends", async () => {
    cloud.faults.set("DELETE /images/ID", { status: 500 });
    await attach(await generation(1));
    expect(cloud.images.size).toBe(0);
  });
});

describe("a refresh that fails", () => {
  let before: ReturnType<typeof own>;
  beforeEach(async () => {
    await attach(await generation(1));
    before = own();
  });

  test.each([
    ["POST /images", { status: 413 }, "QUOTA_EXCEEDED"],
    ["PUT /images/ID/file", { status: 503 }, "HYPERVISOR_UNREACHABLE"],
    [DETACH, { status: 409, text: "task_state rebooting" }, "INSTANCE_BUSY"],
    [DETACH, { status: 504, isDone: true }, "HYPERVISOR_UNREACHABLE"],
    ["POST /volumes/ID/metadata", { status: 503 }, "HYPERVISOR_UNREACHABLE"],
    [REIMAGE, { status: 412 }, "INSTANCE_BUSY"],
    [REIMAGE, { status: 413 }, "QUOTA_EXCEEDED"],
    [REIMAGE, { status: 429 }, "HYPERVISOR_UNREACHABLE"],
  ] as const)("%s: %j is %s, and the guest has what it had", async (step, fault, reason) => {
    cloud.faults.set(step, fault);
    await expect(refresh(await generation(2))).rejects.toMatchObject({ reason });
    expect(cloud.faults.size).toBe(0);
    expect(await shown()).toEqual(["generation 1"]);
    expect(cloud.read()).toEqual(["generation 1"]);
    expect(own()).toEqual(before);
    expect(cloud.images.size).toBe(0);
  });

  test.each([true, false])(
    "an answer 502 to os-reimage does not say whether it was begun (%s): no volume is given back that may hold anything",
    async (isDone) => {
      cloud.faults.set(REIMAGE, { status: 502, isDone });
      const second = await generation(2);
      await expect(refresh(second)).rejects.toMatchObject({ reason: "HYPERVISOR_UNREACHABLE" });
      expect(cloud.read()).toEqual(await shown());
      await refresh(second);
      expect(cloud.read()).toEqual(["generation 2"]);
      expect(cloud.kept()).toHaveLength(1);
    },
  );

  test.each([400, 403, 404, 406, 409])("Cinder answers %i to os-reimage: another volume says why", async (status) => {
    cloud.faults.set(REIMAGE, { status, text: "no rewriting here" });
    await refresh(await generation(2));
    expect(cloud.read()).toEqual(["generation 2"]);
    const [{ id, description } = { id: "", description: "" }, ...others] = own();
    expect(others).toEqual([]);
    expect(id).not.toBe(before[0]?.id);
    expect(description).toContain(`in the place of volume ${before[0]?.id}: no rewriting here`);
  });

  test("the image is larger than the volume: another one says why", async () => {
    for (const volume of cloud.volumes.values()) volume.size = 0;
    await refresh(await generation(2));
    expect(cloud.read()).toEqual(["generation 2"]);
    expect(own()).toMatchObject([
      { description: expect.stringContaining("that one has 0 GiB, and the image 12 bytes") },
    ]);
  });

  test("a caller who gives up while nova detaches: the volume is given back", async () => {
    const caller = new AbortController();
    cloud.onStep = (step) => {
      if (step === DETACH) caller.abort();
    };
    await expect(refresh(await generation(2), caller.signal)).rejects.toMatchObject({ reason: "CANCELLED" });
    expect(await shown()).toEqual(["generation 1"]);
    expect(own()).toEqual(before);
  });

  test("a volume that Cinder does not delete when another has taken its place: the guest has the new one alone", async () => {
    cloud.faults.set(REIMAGE, { status: 403 });
    cloud.faults.set("DELETE /volumes/ID", { status: 500 });
    const second = await generation(2);
    await expect(refresh(second)).rejects.toMatchObject({ reason: "HYPERVISOR_UNREACHABLE" });
    expect(cloud.read()).toEqual(["generation 2"]);
    await refresh(second);
    expect(cloud.kept()).toHaveLength(1);
  });
});

describe("a service that was killed in the middle of a refresh", () => {
  beforeEach(async () => {
    await attach(await generation(1));
    cloud.images.set(randomUUID(), { name: `configdrive-${driveId}`, content: "" });
  });

  const STEPS = [
    ["refresh", refresh],
    ["attach", attach],
  ] as const;

  /** Something is being done to the volume, until it is looked at for the third time. */
  function isBusy(status: string, change: object): void {
    const [volume] = cloud.volumes.values();
    if (volume === undefined) throw new Error("there is no volume");
    Object.assign(volume, { status, ...change });
    let looks = 0;
    cloud.onStep = (asked) => {
      if (asked === "GET /volumes/ID" && ++looks === 3) Object.assign(volume, { status: "available", attachments: [] });
    };
  }

  test.each(STEPS)("while nova detached: the next %s goes on with that volume", async (_name, step) => {
    const before = own();
    isBusy("detaching", {});
    await step(await generation(2));
    expect(cloud.read()).toEqual(["generation 2"]);
    expect(own()).toEqual(before);
    expect(cloud.images.size).toBe(0);
  });

  test.each(STEPS)("while Cinder wrote: the next %s waits for it, and takes another volume", async (_name, step) => {
    const metadata = { configdrive_drive: driveId, configdrive_generation: "0" };
    isBusy("downloading", { attachments: [], content: "half of it", metadata });
    await step(await generation(2));
    expect(cloud.read()).toEqual(["generation 2"]);
    expect(cloud.kept()).toHaveLength(1);
  });
});

test.each([
  [1, 1],
  [2 ** 30, 1],
  [2 ** 30 + 1, 2],
  [3 * 2 ** 30, 3],
])("%i bytes are a volume of %i GiB, which the device says", async (sizeBytes, gib) => {
  const image = { ...(await generation(1)), sizeBytes };
  const device = await hypervisor.choose(cloud.server, image, {}, wait());
  expect(device.reason).toMatch(new RegExp(`; a volume of ${gib} GiB, since .* for ${sizeBytes} bytes$`));
});

test("a volume is a clone of its image, which Glance then keeps: both go with the drive", async () => {
  cloud.isCloning = true;
  await attach(await generation(1));
  await refresh(await generation(2));
  expect(cloud.read()).toEqual(["generation 2"]);
  await hypervisor.detach(cloud.server, driveId, DEVICE, false, wait());
  expect(cloud.kept()).toEqual([]);
});
