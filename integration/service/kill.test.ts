import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { z } from "zod";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { parseNodeName } from "#adapters/qemu/names.js";
import { BareMachine } from "#integration/rigs/bare-machine.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { Service } from "#integration/rigs/service.js";
import { until } from "#integration/rigs/wait.js";
import { change, get, populate } from "./calls.js";

const ROUNDS = process.env.FORM === "full" ? 60 : 8;

test(`killed ${ROUNDS} times in the middle of its work, it loses no drive and leaves nothing behind`, async () => {
  await using machine = await BareMachine.start("q35", ["virtio-scsi-pci,id=scsi0"]);
  await using service = await Service.start({
    qmpSocket: machine.socketTemplate,
    config: ["[drives]", "reconcile_interval = 1"],
  });
  await using door = new GrpcDoor(service.address);
  const eye = new QemuHypervisor({ socketTemplate: machine.socketTemplate, answerMs: 15_000, unplugMs: 15_000 });
  const { id } = await populate(door, 0);
  const works = [
    () => change(door, "attach_drive", id, { instance_id: machine.instanceId, kind: "DEVICE_KIND_CDROM" }),
    () => populate(door, 1, id).then(() => change(door, "refresh_drive", id)),
    () => change(door, "detach_drive", id),
  ];
  // The moments of the kills are the same in every run.
  const moments = fc.sample(fc.integer({ min: 0, max: 60 }), { seed: 20_261_122, numRuns: ROUNDS });
  for (const [round, moment] of moments.entries()) {
    const work = works[round % works.length]?.();
    work?.catch(() => undefined);
    await pause(moment);
    await service.kill();
    await service.start();
    await until(60_000, "the drive to be at rest", async () => /AVAILABLE|IN_USE/.test((await get(door, id)).state));

    const drive = await get(door, id);
    const [attachment] = drive.attachments;
    const seen = await eye.observe(machine.instanceId, { signal: AbortSignal.timeout(30_000) });
    const expected = attachment === undefined ? [] : [{ driveId: id, generation: attachment.desired_generation }];
    expect(seen?.map(({ driveId, generation }) => ({ driveId, generation }))).toEqual(expected);
    const nodes = z
      .array(z.object({ "node-name": z.string() }))
      .parse(await machine.monitor("query-named-block-nodes"));
    const ours = nodes.map((node) => parseNodeName(node["node-name"])).filter((node) => node !== undefined);
    expect(ours).toEqual(expected);
    const ready = drive.generations.filter(({ state }) => state === "GENERATION_STATE_READY");
    const files = (await service.filesOfDrive(id)).filter((path) => path.includes("/"));
    expect(files.sort()).toEqual(ready.map(({ number }) => join(dirname(files[0] ?? ""), `${number}.img`)).sort());
  }
}, 600_000);
