import { createHash, randomBytes, randomUUID } from "node:crypto";
import { DriveClient } from "#grpc/client.js";
import { blockDevices, deviceDigest, deviceSize, newDevice } from "#integration/rigs/guest-view.js";
import type { Stage } from "./stage.js";
import type { Terminal } from "./terminal.js";

/** 1 MiB less a sector, so that nothing is as it should be by being round. */
const BYTES = 1024 * 1024 - 512;

/** The story's second half: a volume of a program's own bytes, over gRPC. Gives the drive's id; it stays attached. */
export async function blobOverGrpc(terminal: Terminal, { guest, service }: Stage): Promise<string> {
  terminal.chapter("A volume of your own bytes over gRPC");
  using client = new DriveClient(service.address);
  const call = () => ({ deadline: new Date(Date.now() + 60_000), projectId: "demo" });
  const data = randomBytes(BYTES);
  const digest = createHash("sha256").update(data).digest("hex");

  const made = await terminal.step(`PopulateVolume: a blob of ${BYTES.toLocaleString("en")} random bytes`, () =>
    client.populateVolume(
      { requestId: randomUUID(), content: { $case: "blob", value: { data, elsewhere: undefined } } },
      call(),
    ),
  );
  const driveId = made.drive?.id ?? "";
  terminal.detail(`drive ${driveId}`);
  terminal.detail(`sha256 ${digest}`);

  const before = await blockDevices(guest);
  const attached = await terminal.step("AttachDrive", () =>
    client.attachDrive({ requestId: randomUUID(), driveId, instanceId: guest.instanceId }, call()),
  );
  terminal.detail(attached.drive?.attachments[0]?.device?.reason ?? "");
  const device = await terminal.step("the guest has a new disk", () => newDevice(guest, before));
  await terminal.step(`the guest's dd of ${device} gives exactly the bytes`, async () => {
    const size = await deviceSize(guest, device);
    if (size !== BYTES) throw new Error(`${device} has ${size} bytes, the blob has ${BYTES}`);
    const seen = await deviceDigest(guest, device, BYTES);
    if (seen !== digest) throw new Error(`${device} has sha256 ${seen}, the blob ${digest}`);
  });
  terminal.detail(`${device}, ${BYTES.toLocaleString("en")} bytes, sha256 ${digest}`);
  return driveId;
}
