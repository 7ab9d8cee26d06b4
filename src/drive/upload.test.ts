import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ContentDirectory } from "#daemon/content-directory.js";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { defaultLimits } from "./limits.js";

const call = callOf("p1");
const bytes = randomBytes(100 * 512);
const sha256 = createHash("sha256").update(bytes).digest("hex");

async function* parts(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

const upload = (change = {}) => ({ bytes: parts(bytes), sizeBytes: bytes.length, sha256: "", ...change });
const contentOf = (rig: DriveServiceRig) => readdir(join(rig.directory, "contents"));
const use = (contentId: string) => blob("", { content: { kind: "blob", bytes: { contentId } } });

test("what is uploaded becomes a volume, in its own project only", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const made = await rig.service.upload(upload({ sizeBytes: bytes.length, sha256 }), call);
  expect(made.content).toEqual({ sha256, sizeBytes: bytes.length });
  const { generations } = await rig.service.populate(use(made.contentId), call);
  expect(generations).toMatchObject([{ sha256 }]);
  await expect(rig.service.populate(use(made.contentId), callOf("p2"))).rejects.toMatchObject({
    reason: "CONTENT_NOT_FOUND",
  });
});

test("an upload whose bytes are with another service is not found here, and the refusal says so", async () => {
  const theirs = await DriveServiceRig.open(new MachineModel());
  const { contentId } = await theirs.service.upload(upload(), call);
  await theirs.leave();
  // The same catalog beside a content store of its own.
  const contents = await ContentDirectory.open(join(theirs.directory, "others"));
  await using rig = await DriveServiceRig.open(new MachineModel(), {
    directory: theirs.directory,
    change: { contents },
  });
  await expect(rig.service.populate(use(contentId), call)).rejects.toMatchObject({
    reason: "CONTENT_NOT_FOUND",
    message: expect.stringContaining("another one on the same catalog took them"),
    metadata: { content_id: contentId },
  });
});

test("an upload that is not used expires and goes; a use prolongs it; what a drive needs stays", async () => {
  const clock = { at: new Date() };
  const later = (milliseconds: number) => {
    clock.at = new Date(clock.at.getTime() + milliseconds);
  };
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { now: () => clock.at } });
  const used = await rig.service.upload(upload(), call);
  const unused = await rig.service.upload(upload({ bytes: parts(Buffer.from("unused")), sizeBytes: 6 }), call);
  later(defaultLimits.uploadMs - 1);
  await rig.service.populate(use(used.contentId), call);
  later(2);
  await expect(rig.service.populate(use(unused.contentId), call)).rejects.toMatchObject({
    reason: "CONTENT_NOT_FOUND",
  });
  const again = await rig.service.populate(use(used.contentId), call);
  later(defaultLimits.uploadMs + 1);
  await rig.service.reconcile(AbortSignal.timeout(10_000));
  later(defaultLimits.orphanMs);
  await rig.service.reconcile(AbortSignal.timeout(10_000));
  expect(await contentOf(rig)).toEqual([sha256]);
  expect((await rig.service.get(again.id, call)).generations).toMatchObject([{ sha256 }]);
});

test.each([
  ["too many bytes, by what is said", upload({ sizeBytes: 2 ** 30, bytes: parts() }), "CONTENT_TOO_LARGE"],
  ["too many bytes, as they come", upload({ bytes: parts(bytes, bytes) }), "CONTENT_TOO_LARGE"],
  ["neither size nor digest", upload({ sizeBytes: 0 }), "INVALID_ARGUMENT"],
  ["fewer bytes than were said", upload({ bytes: parts() }), "INVALID_ARGUMENT"],
  ["another size", upload({ sizeBytes: 1 }), "INVALID_ARGUMENT"],
  ["another digest", upload({ sha256: "0".repeat(64) }), "INVALID_ARGUMENT"],
])("%s leaves nothing", async (_, request, reason) => {
  const limits = { ...defaultLimits, contentBytes: bytes.length + 1 };
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { limits } });
  await expect(rig.service.upload(request, call)).rejects.toMatchObject({ reason });
  expect(await contentOf(rig)).toEqual([]);
});

test("a stream that breaks off leaves nothing", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  async function* broken() {
    yield bytes;
    throw new Error("broken off");
  }
  await expect(rig.service.upload(upload({ bytes: broken() }), call)).rejects.toThrow("broken off");
  expect(await contentOf(rig)).toEqual([]);
  await expect(rig.service.populate(use(randomUUID()), call)).rejects.toMatchObject({ reason: "CONTENT_NOT_FOUND" });
});
