import { status } from "@grpc/grpc-js";
import type { Device } from "#drive/drive.js";
import {
  type AdapterServiceServer,
  ChooseDeviceResponse,
  DescribeAdapterResponse,
  DeviceBus,
  type DeviceForm,
  DeviceKind,
  ImageFormat,
  ObserveInstanceResponse,
} from "#gen/configdrive/adapter/v1/adapter.js";
import { until } from "#integration/rigs/wait.js";
import { GrpcHypervisor } from "./adapter.js";
import { failure, ScriptedAdapter } from "./scripted-adapter.js";

const driveId = "0b0e6f6e-5a0e-4c1e-9a53-0c9d8b7f1a11";
const image = { driveId, generation: 2, path: "/drives/d/2.img", sizeBytes: 4096, format: "iso9660" } as const;
const device: Device = { kind: "cdrom", bus: "scsi", name: "sr0", reason: "free" };
const form = { kind: DeviceKind.DEVICE_KIND_CDROM, bus: DeviceBus.DEVICE_BUS_SCSI };
const wait = () => ({ signal: AbortSignal.timeout(20_000) });

/** Opens the adapter on one that answers so, and lets go of both. */
async function on(
  answers: Partial<AdapterServiceServer>,
  work: (grpc: GrpcHypervisor, target: string) => Promise<void>,
  answerMs = 20_000,
): Promise<void> {
  await using scripted = await ScriptedAdapter.start(answers);
  const grpc = new GrpcHypervisor({ target: scripted.target, answerMs });
  try {
    await work(grpc, scripted.target);
  } finally {
    await grpc.close();
  }
}

const done = (_call: unknown, answer: (error: null, value: object) => void) => answer(null, {});
const steps = {
  attachDevice: (grpc: GrpcHypervisor) => grpc.attach("i", image, device, wait()),
  refreshDevice: (grpc: GrpcHypervisor) => grpc.refresh("i", image, device, false, wait()),
  detachDevice: (grpc: GrpcHypervisor) => grpc.detach("i", driveId, device, false, wait()),
};

/** Tells of an instance that has a generation of the drive, or nothing. */
function observing(generation: number | undefined): AdapterServiceServer["observeInstance"] {
  const drives = generation === undefined ? [] : [{ driveId, generation, deviceName: "sr0" }];
  return (_call, answer) => answer(null, ObserveInstanceResponse.fromPartial({ present: true, drives }));
}

test("a step carries image, device and the moment until which it is waited for", async () => {
  const asked: unknown[] = [];
  const refreshDevice: AdapterServiceServer["refreshDevice"] = ({ request }, answer) => {
    asked.push(request);
    answer(null, {});
  };
  await on({ refreshDevice, observeInstance: observing(2) }, async (grpc) => {
    const before = Date.now();
    await grpc.refresh("i", image, device, true, wait());
    const sent = {
      driveId,
      generation: 2,
      path: image.path,
      sizeBytes: 4096n,
      format: ImageFormat.IMAGE_FORMAT_ISO9660,
    };
    expect(asked).toEqual([
      {
        instanceId: "i",
        image: sent,
        device: { form, name: "sr0", reason: "free" },
        force: true,
        expiresAt: expect.any(Date),
      },
    ]);
    const [{ expiresAt }] = asked as [{ expiresAt: Date }];
    expect(expiresAt.getTime()).toBeGreaterThanOrEqual(before + 20_000);
  });
});

test("what can be plugged in is asked at the start, and again from an adapter that was away", async () => {
  let devices: readonly DeviceForm[] = [form];
  const answers: Partial<AdapterServiceServer> = {
    describeAdapter: (_call, answer) =>
      answer(
        null,
        DescribeAdapterResponse.fromPartial({
          devices: [...devices, { kind: DeviceKind.UNRECOGNIZED, bus: DeviceBus.UNRECOGNIZED }],
        }),
      ),
    observeInstance: (_call, answer) => answer(null, ObserveInstanceResponse.fromPartial({})),
  };
  const first = await ScriptedAdapter.start(answers);
  const grpc = new GrpcHypervisor({ target: first.target, answerMs: 20_000 });
  expect(grpc.devices).toEqual([]);
  await until(20_000, "the first to be described", () => grpc.devices.length > 0);
  expect(grpc.devices).toEqual([{ kind: "cdrom", bus: "scsi" }]);
  await first[Symbol.asyncDispose]();
  await expect(grpc.observe("i", wait())).rejects.toMatchObject({ reason: "HYPERVISOR_UNREACHABLE" });
  devices = [form, { kind: DeviceKind.DEVICE_KIND_DISK, bus: DeviceBus.DEVICE_BUS_VIRTIO }];
  await using _next = await ScriptedAdapter.start(answers, Number(first.target.split(":")[1]));
  expect(await grpc.observe("i", wait())).toBeUndefined();
  await until(20_000, "the next to be described", () => grpc.devices.length === 2);
  await grpc.close();
});

test.each([
  [failure(status.ABORTED, "the guest holds it", "DEVICE_LOCKED"), "DEVICE_LOCKED"],
  [failure(status.ABORTED, "of another service", "DEVICE_LOCKED", "example.org"), "DEVICE_BUSY"],
  [failure(status.ABORTED, "no reason for an adapter", "DRIVE_NOT_FOUND"), "DEVICE_BUSY"],
  [failure(status.NOT_FOUND, "no such machine"), "INSTANCE_NOT_FOUND"],
  [failure(status.FAILED_PRECONDITION, "it is off"), "INSTANCE_NOT_RUNNING"],
  [failure(status.OUT_OF_RANGE, "no free slot"), "BUS_NOT_AVAILABLE"],
  [failure(status.ALREADY_EXISTS, "another generation"), "DEVICE_BUSY"],
  [failure(status.PERMISSION_DENIED, "not for us"), "HYPERVISOR_UNREACHABLE"],
  [failure(status.UNAVAILABLE, "the backend is away"), "HYPERVISOR_UNREACHABLE"],
  [failure(status.INTERNAL, "a fault"), "HYPERVISOR_FAILED"],
  [failure(status.UNKNOWN, "an exception"), "HYPERVISOR_FAILED"],
])("%j is refused as %s", async (error, reason) => {
  await on({ attachDevice: (_call, answer) => answer(error) }, async (grpc) => {
    await expect(grpc.attach("i", image, device, wait())).rejects.toMatchObject({
      reason,
      message: `the adapter's AttachDevice for instance i: ${error.details}`,
      metadata: { hypervisor: "grpc", instance_id: "i", method: "AttachDevice" },
    });
  });
});

test("a detach from what is not there is a success; a method that nobody serves is a failure", async () => {
  const gone = failure(status.NOT_FOUND, "gone");
  await on({ detachDevice: (_call, answer) => answer(gone) }, async (grpc) => {
    await grpc.detach("i", driveId, device, false, wait());
    await expect(grpc.refresh("i", image, device, false, wait())).rejects.toMatchObject({
      reason: "HYPERVISOR_FAILED",
    });
  });
});

test.each([
  ["no device", {}, {}, "device.form: kind and bus must be said"],
  [
    "an unknown bus",
    { device: { form: { ...form, bus: DeviceBus.UNRECOGNIZED }, name: "a", reason: "b" } },
    {},
    "kind and bus must be said",
  ],
  ["another bus", { device: { form, name: "a", reason: "b" } }, { bus: "usb" }, "any device on usb was asked for"],
  ["no name", { device: { form, reason: "b" } }, {}, "device.name: must not be empty"],
  [
    "a long reason",
    { device: { form, name: "a", reason: "b".repeat(1025) } },
    {},
    "device.reason: has 1025 characters",
  ],
] as const)("a choice with %s is refused with the field", async (_what, answer, wish, told) => {
  await on({ chooseDevice: (_call, say) => say(null, ChooseDeviceResponse.fromPartial(answer)) }, async (grpc) => {
    await expect(grpc.choose("i", image, wish, wait())).rejects.toMatchObject({
      reason: "HYPERVISOR_FAILED",
      message: expect.stringContaining(told),
    });
  });
});

test.each([
  [[{ driveId: "sda", generation: 1, deviceName: "a" }], "drives[0].drive_id: must be a UUID"],
  [[1, 2].map((generation) => ({ driveId, generation, deviceName: "a" })), "drives[1].drive_id"],
])("an observation that breaks a rule is refused with the field", async (drives, told) => {
  const answer = ObserveInstanceResponse.fromPartial({ present: true, drives });
  await on({ observeInstance: (_call, say) => say(null, answer) }, async (grpc) => {
    await expect(grpc.observe("i", wait())).rejects.toMatchObject({
      reason: "HYPERVISOR_FAILED",
      message: expect.stringContaining(told),
    });
  });
});

test.each<[keyof typeof steps, number | undefined, string]>([
  ["attachDevice", undefined, `no drive ${driveId}`],
  ["attachDevice", 0, `generation 0 of drive ${driveId}`],
  ["refreshDevice", 1, `generation 1 of drive ${driveId}`],
  ["detachDevice", 2, `generation 2 of drive ${driveId}`],
])("a success of %s that is not seen (%s) is none", async (step, generation, told) => {
  const answers = { attachDevice: done, refreshDevice: done, detachDevice: done };
  await on({ ...answers, observeInstance: observing(generation) }, async (grpc) => {
    await expect(steps[step](grpc)).rejects.toMatchObject({
      reason: "HYPERVISOR_FAILED",
      message: expect.stringContaining(`it was a success, and ObserveInstance tells of ${told}`),
    });
  });
  await on({ ...answers, observeInstance: observing(step === "detachDevice" ? undefined : 2) }, steps[step]);
});

test("an adapter that does not answer is left after its time; it hears of a caller who gives up", async () => {
  const given = Promise.withResolvers<void>();
  const silent: Partial<AdapterServiceServer> = {
    observeInstance: (call) => void call.on("cancelled", () => given.resolve()),
  };
  await on(
    silent,
    async (grpc) => {
      await expect(grpc.observe("i", wait())).rejects.toMatchObject({ reason: "HYPERVISOR_UNREACHABLE" });
    },
    200,
  );
  await on(silent, async (grpc) => {
    const signal = AbortSignal.timeout(100);
    await expect(grpc.observe("i", { signal })).rejects.toMatchObject({ reason: "DEADLINE_EXCEEDED" });
    await given.promise;
  });
});
