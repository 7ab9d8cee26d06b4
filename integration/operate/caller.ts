import { blob, type ConfigDriveClient, connect, WhenAttached } from "#client/index.js";
import { driveOf } from "../rigs/drive-answer.js";
import { OsloClient } from "../rigs/oslo-client.js";

/** What leads a drive through its life, at one of the doors. Each call goes under a request id, and throws the door's own error. */
export interface Caller extends AsyncDisposable {
  /** Makes a drive of a text, or shows those who have it a new one. Gives the drive's id. */
  populate(requestId: string, text: string, driveId?: string): Promise<string>;
  attach(requestId: string, driveId: string, instanceId: string, host: string): Promise<void>;
  detach(requestId: string, driveId: string, instanceId: string): Promise<void>;
  remove(requestId: string, driveId: string): Promise<void>;
}

/** The text as a volume: padded to a sector. */
const volume = (text: string) => Buffer.from(text.padEnd(512));

/** A Python caller on the bus. It tries nothing again by itself. */
export async function busCaller(transportUrl: string): Promise<Caller> {
  const client = await OsloClient.start(transportUrl);
  return {
    async populate(request_id, text, drive_id = "") {
      const content = { blob: { data: volume(text).toString("base64") } };
      const existing = drive_id === "" ? {} : { drive_id, when_attached: "WHEN_ATTACHED_REFRESH" };
      return driveOf(await client.call("populate_volume", { request_id, ...content, ...existing })).id;
    },
    async attach(request_id, drive_id, instance_id, host) {
      await client.call("attach_drive", { request_id, drive_id, instance_id, host });
    },
    async detach(request_id, drive_id, instance_id) {
      await client.call("detach_drive", { request_id, drive_id, instance_id });
    },
    async remove(request_id, drive_id) {
      await client.call("delete_drive", { request_id, drive_id });
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** A gRPC caller of one service, by the client library, which tries again what may pass. */
export function grpcCaller(target: string): Caller {
  const client: ConfigDriveClient = connect({ target, projectId: "demo", timeoutMs: 120_000 });
  return {
    async populate(requestId, text, driveId = "") {
      const existing = driveId === "" ? {} : { driveId, whenAttached: WhenAttached.WHEN_ATTACHED_REFRESH };
      const { drive } = await client.populateVolume({ requestId, content: blob(volume(text)), ...existing });
      return drive?.id ?? "";
    },
    async attach(requestId, driveId, instanceId, host) {
      await client.attachDrive({ requestId, driveId, instanceId, host });
    },
    async detach(requestId, driveId, instanceId) {
      await client.detachDrive({ requestId, driveId, instanceId });
    },
    async remove(requestId, driveId) {
      await client.deleteDrive({ requestId, driveId });
    },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
    },
  };
}
