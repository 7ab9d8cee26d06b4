import { setTimeout as pause } from "node:timers/promises";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { BareMachine } from "#integration/rigs/bare-machine.js";
import type { Door } from "#integration/rigs/door.js";
import fc from "#integration/rigs/properties.js";
import { Service } from "#integration/rigs/service.js";
import { change, overGrpc, populate } from "./calls.js";
import { atRest } from "./rest.js";

const ROUNDS = process.env.FORM === "full" ? 60 : 8;

test(`killed ${ROUNDS} times in the middle of its work, it loses no drive and leaves nothing behind`, async () => {
  await using machine = await BareMachine.start("q35", ["virtio-scsi-pci,id=scsi0"]);
  await using service = await Service.start({
    qmpSocket: machine.socketTemplate,
    config: ["[drives]", "reconcile_interval = 1"],
  });
  const eye = new QemuHypervisor({ socketTemplate: machine.socketTemplate, answerMs: 15_000, unplugMs: 15_000 });
  const { id: driveId } = await overGrpc(service, (door) => populate(door, 0));
  const works = [
    (door: Door) =>
      change(door, "attach_drive", driveId, { instance_id: machine.instanceId, kind: "DEVICE_KIND_CDROM" }),
    (door: Door) => populate(door, 1, driveId).then(() => change(door, "refresh_drive", driveId)),
    (door: Door) => change(door, "detach_drive", driveId),
  ];
  // The moments of the kills are the same in every run.
  const moments = fc.sample(fc.integer({ min: 0, max: 60 }), { seed: 20_261_122, numRuns: ROUNDS });
  for (const [round, moment] of moments.entries()) {
    const work = works[round % works.length];
    if (work === undefined) throw new Error("no work");
    const cut = overGrpc(service, work).catch(() => undefined);
    await pause(moment);
    await service.kill();
    await cut;
    await service.start();
    await atRest({ service, machine, eye, driveId });
  }
}, 600_000);
