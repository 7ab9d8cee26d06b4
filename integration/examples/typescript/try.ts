// A test of one's own program on the fake: no service, no hypervisor, and failures when they are wanted.
import assert from "node:assert/strict";
import { connect } from "configdrive-bridge/client";
import { FakeService } from "configdrive-bridge/fake";
import { configure } from "./drives.js";

await using fake = await FakeService.start({ instances: ["vm-1"] });
using service = connect({ target: fake.target, projectId: "demo" });

fake.refuse("AttachDrive", "DRIVE_BUSY", { times: 2 });
const driveId = await configure(service, "vm-1");
assert.deepEqual(fake.machines.changes, ["attach vm-1 1", "refresh vm-1 2", "detach vm-1"]);

await service.attachDrive({ driveId, instanceId: "vm-1" });
const volume = await fake.volumeSeenBy("vm-1", driveId);
assert.ok(volume?.includes('{"role":"db"}'));
console.log("tried");
