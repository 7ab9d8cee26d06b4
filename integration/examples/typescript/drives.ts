// What a program does with drives: makes one, shows it to an instance, changes it, and hears of each change. `try.ts` tries
// it on the fake. Run it on a service: node drives.js unix:/run/configdrive/grpc.sock vm-1
import { pathToFileURL } from "node:url";
import {
  ChangeKind,
  type ConfigDriveClient,
  ConfigDriveError,
  connect,
  DriveState,
  files,
  WhenAttached,
} from "configdrive-bridge/client";

/** The settings of an instance, as the one file of its drive. */
const settings = (role: string) => files({ "config.json": JSON.stringify({ role }) });

/** Gives an instance a drive with its settings, and takes it away once it has seen new ones. Returns the drive's id. */
export async function configure(service: ConfigDriveClient, instanceId: string): Promise<string> {
  const { drive } = await service.populateVolume({ content: settings("web"), label: "settings" });
  if (drive === undefined) throw new Error("the service made no drive");
  const driveId = drive.id;
  await service.attachDrive({ driveId, instanceId }, { timeoutMs: 30_000 });

  await service.populateVolume({
    driveId,
    content: settings("db"),
    label: "settings",
    whenAttached: WhenAttached.WHEN_ATTACHED_STAGE,
  });
  const { changes } = await service.diffDrive({ driveId });
  console.log(changes.map(({ after }) => `${after?.path ?? "?"} will change`).join("\n"));
  await service.refreshDrive({ driveId });

  const stop = new AbortController();
  try {
    for await (const { kind, drive: seen } of service.watchDrives({ driveId }, { signal: stop.signal })) {
      // From here on nothing is missed.
      if (kind === ChangeKind.CHANGE_KIND_CURRENT) await service.detachDrive({ driveId, instanceId });
      if (seen?.state === DriveState.DRIVE_STATE_AVAILABLE) break;
    }
  } finally {
    stop.abort();
  }
  return driveId;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [target = "unix:/run/configdrive/grpc.sock", instanceId = "vm-1"] = process.argv.slice(2);
  using service = connect({ target, projectId: "demo" });
  try {
    const driveId = await configure(service, instanceId);
    await service.deleteDrive({ driveId });
    console.log(`${driveId} was shown to ${instanceId}, and is gone`);
  } catch (error) {
    if (!(error instanceof ConfigDriveError)) throw error;
    console.error(`${error.reason}: ${error.message}\n${error.advice}`);
    process.exitCode = 1;
  }
}
