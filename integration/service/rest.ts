import { dirname, join } from "node:path";
import { z } from "zod";
import type { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { parseNodeName } from "#adapters/qemu/names.js";
import type { BareMachine } from "#integration/rigs/bare-machine.js";
import type { DriveAnswer } from "#integration/rigs/drive-answer.js";
import type { Service } from "#integration/rigs/service.js";
import { until } from "#integration/rigs/wait.js";
import { get, overGrpc } from "./calls.js";

const patienceMs = 60_000;
const nodes = z.array(z.object({ "node-name": z.string() }));

/** A service with one drive and one machine that may have it. */
export interface Scene {
  readonly service: Service;
  readonly machine: BareMachine;
  readonly eye: QemuHypervisor;
  readonly driveId: string;
}

/**
 * Waits until no operation is under way on the drive, and looks past the service at what there is then: the machine has what the
 * drive's attachment says, with nothing of an earlier generation open, and there is one file for each generation.
 */
export async function atRest({ service, machine, eye, driveId }: Scene): Promise<DriveAnswer> {
  const drive = await overGrpc(service, (door) =>
    until(patienceMs, "the drive to be at rest", async () => {
      const now = await get(door, driveId);
      return /AVAILABLE|IN_USE/.test(now.state) && now;
    }),
  );
  const [attachment] = drive.attachments;
  const seen = await eye.observe(machine.instanceId, { signal: AbortSignal.timeout(patienceMs) });
  const expected = attachment === undefined ? [] : [{ driveId, generation: attachment.desired_generation }];
  expect(seen?.map(({ driveId: of, generation }) => ({ driveId: of, generation }))).toEqual(expected);
  const open = nodes.parse(await machine.monitor("query-named-block-nodes"));
  expect(open.flatMap((node) => parseNodeName(node["node-name"]) ?? [])).toEqual(expected);
  const ready = drive.generations.filter(({ state }) => state === "GENERATION_STATE_READY");
  // Files that nobody needs any more go after the commit that ends an operation.
  const images = ready.map(({ number }) => join(driveId, `${number}.img`)).sort();
  const files = async () => (await service.filesOfDrive(driveId)).filter((path) => dirname(path) !== ".").sort();
  await until(patienceMs, `the files of the drive to be ${images}`, async () => `${await files()}` === `${images}`);
  return drive;
}
