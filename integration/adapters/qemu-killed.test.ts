import { setTimeout as pause } from "node:timers/promises";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { BareMachine } from "#integration/rigs/bare-machine.js";
import fc from "#integration/rigs/properties.js";

const ROUNDS = process.env.FORM === "full" ? 200 : 12;
const drive = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const device: Device = { kind: "cdrom", bus: "scsi", name: `configdrive-${drive}`, reason: "" };
const wait = () => ({ signal: AbortSignal.timeout(10_000) });

test(`QEMU killed ${ROUNDS} times in the middle of a step: the step ends with what fits, and detach always succeeds`, async () => {
  // The moments of the kills, in tenths of a millisecond, are the same in every run.
  const moments = fc.sample(fc.integer({ min: 0, max: 80 }), { seed: 20_261_122, numRuns: ROUNDS });
  const ends = new Map<string, number>();
  for (const [round, moment] of moments.entries()) {
    await using machine = await BareMachine.start("pc", ["virtio-scsi-pci,id=scsi0"]);
    const { instanceId } = machine;
    const hypervisor = new QemuHypervisor({ socketTemplate: machine.socketTemplate, answerMs: 5000, unplugMs: 5000 });
    const images: PlacedImage[] = [];
    for (const generation of [1, 2]) {
      const path = await machine.image(`${generation}`, generation);
      images.push({ driveId: drive, generation, path, sizeBytes: 8192, format: "raw" });
    }
    const [first, second] = images;
    if (first === undefined || second === undefined) throw new Error("no images");
    const step = ["attach", "refresh", "detach"][round % 3] ?? "";
    if (step !== "attach") await hypervisor.attach(instanceId, first, device, wait());
    const work =
      step === "attach"
        ? hypervisor.attach(instanceId, first, device, wait())
        : step === "refresh"
          ? hypervisor.refresh(instanceId, second, device, false, wait())
          : hypervisor.detach(instanceId, drive, device, false, wait());
    const outcome = work.then(
      () => "done",
      (error: { reason?: string }) => String(error.reason ?? error),
    );
    await pause(moment / 10);
    await machine.kill();

    const end = await outcome;
    ends.set(`${step} ${end}`, (ends.get(`${step} ${end}`) ?? 0) + 1);
    if (step === "detach") expect(end).toBe("done");
    else expect(["done", "HYPERVISOR_UNREACHABLE", "INSTANCE_NOT_RUNNING"]).toContain(end);
    await hypervisor.detach(instanceId, drive, device, false, wait());
    await expect(hypervisor.observe(instanceId, wait())).resolves.toBeUndefined();
  }
  if (ROUNDS > 100) expect(ends.size).toBeGreaterThan(3);
}, 300_000);
