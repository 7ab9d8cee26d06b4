import { createHash } from "node:crypto";
import type { Capabilities } from "#drive/capabilities.js";
import type { DriveEvent } from "#drive/change.js";
import type { DeclaredHost } from "#drive/declare-host.js";
import type { DriveDiff } from "#drive/diff.js";
import type { Download, DownloadImage } from "#drive/download.js";
import type { Drive } from "#drive/drive.js";
import type { InspectedImage } from "#drive/inspect.js";
import { defaultLimits } from "#drive/limits.js";
import { Refusal } from "#drive/refusal.js";
import type { Upload, UploadContent } from "#drive/upload.js";
import type {
  AttachDrive,
  BuildInstanceDrive,
  Call,
  ConnectDrive,
  DeclareHost,
  DisconnectDrive,
  DrivePage,
  InspectDrive,
  InstanceDrive,
  ListDrives,
  PopulateVolume,
  RecordInstanceDrive,
  ReleasedInstance,
  ReleaseInstance,
  StageInstanceDrive,
  UpdateDrive,
  UseCases,
  WatchDrives,
} from "#drive/use-cases.js";
import { FakeInstances } from "./fake-instances.js";

/** Bytes of a part of a download. */
const PART = 256 * 1024;
const AT = new Date("2026-01-02T03:04:05.678Z");

/** The use cases over a map, without images and hypervisors: for tests of doors and of programs that call them. */
export class FakeDrives implements UseCases {
  readonly instances: FakeInstances;
  readonly drives = new Map<string, Drive>();
  /** Every request in the order of the calls, as the use case saw it. */
  readonly seen: unknown[] = [];
  /** What every image holds. */
  image: Uint8Array = Buffer.from("image");
  /** Runs before each call is carried out: the place to hold one, or to refuse it. */
  before: (call: Call) => Promise<void> = async () => {};
  /** @param newId - gives the id of each new drive */
  constructor(readonly newId: () => string) {
    this.instances = new FakeInstances(newId);
  }

  async populate(request: PopulateVolume, call: Call): Promise<Drive> {
    await this.#enter(request, call);
    const old = request.driveId === "" ? undefined : this.#find(request.driveId);
    const generation = {
      number: (old?.generations.length ?? 0) + 1,
      state: "READY",
      format: request.format ?? (request.content.kind === "blob" ? "raw" : "iso9660"),
      label: request.label,
      sizeBytes: request.sizeBytes,
      sha256: "",
      createdAt: AT,
      failureReason: "",
    } as const;
    return this.#keep({
      id: old?.id ?? this.newId(),
      projectId: call.projectId,
      deleteOnTermination: request.deleteOnTermination ?? true,
      writable: false,
      deleting: false,
      lastInstanceId: old?.lastInstanceId ?? "",
      revision: 0,
      generations: [...(old?.generations ?? []), generation],
      attachments: old?.attachments ?? [],
      createdAt: old?.createdAt ?? AT,
      updatedAt: AT,
    });
  }

  async attach(request: AttachDrive, call: Call): Promise<Drive> {
    await this.#enter(request, call);
    const drive = this.#find(request.driveId);
    const generation = drive.generations.length;
    const attachment = {
      instanceId: request.instanceId,
      host: request.host,
      state: "ATTACHED",
      desiredGeneration: generation,
      observedGeneration: generation,
      device: { kind: request.kind ?? "cdrom", bus: request.bus ?? "scsi", name: "drive0", reason: "asked for" },
      createdAt: AT,
    } as const;
    return this.#keep({ ...drive, attachments: [...drive.attachments, attachment] });
  }

  async refresh(request: { driveId: string }, call: Call): Promise<Drive> {
    await this.#enter(request, call);
    const drive = this.#find(request.driveId);
    const newest = drive.generations.length;
    const shown = { desiredGeneration: newest, observedGeneration: newest };
    return this.#keep({ ...drive, attachments: drive.attachments.map((attachment) => ({ ...attachment, ...shown })) });
  }

  async detach(request: { driveId: string }, call: Call): Promise<Drive> {
    await this.#enter(request, call);
    return this.#keep({ ...this.#find(request.driveId), attachments: [] });
  }

  async get(driveId: string, call: Call): Promise<Drive> {
    await this.#enter({ driveId }, call);
    return this.#find(driveId);
  }

  async list(request: ListDrives, call: Call): Promise<DrivePage> {
    await this.#enter(request, call);
    const after = [...this.drives.values()].filter((drive) => drive.id > request.pageToken);
    const drives = after.slice(0, request.pageSize);
    return { drives, nextPageToken: after.length > drives.length ? (drives.at(-1)?.id ?? "") : "" };
  }

  async delete(request: { driveId: string }, call: Call): Promise<void> {
    await this.#enter(request, call);
    this.drives.delete(request.driveId);
  }

  async update(request: UpdateDrive, call: Call): Promise<Drive> {
    await this.#enter(request, call);
    const drive = this.#find(request.driveId);
    return this.#keep({ ...drive, deleteOnTermination: request.deleteOnTermination ?? drive.deleteOnTermination });
  }

  async declareHost(request: DeclareHost, call: Call): Promise<DeclaredHost> {
    await this.#enter(request, call);
    const state = request.lost ? "LOST" : "AWAY";
    const hypervisor = { name: "none", devices: [] };
    return {
      host: { host: request.host, state, hypervisor, launches: false, version: "1.0" },
      drives: 3,
      instances: 1,
    };
  }

  async releaseInstance(request: ReleaseInstance, call: Call): Promise<ReleasedInstance> {
    await this.#enter(request, call);
    const { instanceId } = request;
    const had = [...this.drives.values()].filter(({ attachments }) =>
      attachments.some((one) => one.instanceId === instanceId),
    );
    const gone = had.filter(({ deleteOnTermination }) => deleteOnTermination);
    for (const { id } of gone) this.drives.delete(id);
    const kept = had.filter((drive) => !gone.includes(drive)).map((drive) => this.#keep({ ...drive, attachments: [] }));
    return { deleted: gone.map(({ id }) => id), kept };
  }

  async recordInstanceDrive(request: RecordInstanceDrive, call: Call): Promise<Drive> {
    const { requestId, instanceId, host, shown } = request;
    const driveId = [...this.drives.keys()][0] ?? "";
    return await this.attach({ requestId, driveId, instanceId, host, ...shown?.device }, call);
  }

  async stageInstanceDrive(request: StageInstanceDrive, call: Call): Promise<InstanceDrive> {
    await this.#enter({ ...request }, call);
    return imageOn(request.host, [...this.drives.values()][0] ?? this.#find(""), "config");
  }

  async connect(request: ConnectDrive, call: Call): Promise<InstanceDrive> {
    const { device, ...asked } = request;
    const drive = await this.attach({ ...asked, kind: device.kind, bus: device.bus }, call);
    const generation = drive.generations.at(-1)!;
    const { number, sizeBytes, format } = generation;
    const image = { driveId: drive.id, generation: number, path: `/${request.host}/${drive.id}`, sizeBytes, format };
    return { drive, generation, image };
  }

  async disconnect(request: DisconnectDrive, call: Call): Promise<Drive> {
    return await this.detach(request, call);
  }

  async buildInstanceDrive(request: BuildInstanceDrive, call: Call): Promise<InstanceDrive> {
    const { instanceId, role, host, ...wanted } = request;
    const asked = { ...wanted, driveId: "", label: "", whenAttached: "stage", bornWith: instanceId } as const;
    return imageOn(host, await this.populate(asked, call), role);
  }

  async inspect(request: InspectDrive, call: Call): Promise<InspectedImage> {
    await this.#enter(request, call);
    const { generations } = this.#find(request.driveId);
    const generation = request.generation || generations.length;
    const { format = "raw", label = "", sizeBytes = 0 } = generations[generation - 1] ?? {};
    return { generation, format, label, uuid: "", sizeBytes, sha256: "", entries: [] };
  }

  async diff(driveId: string, call: Call): Promise<DriveDiff> {
    await this.#enter({ driveId }, call);
    return { applied: 0, pending: this.#find(driveId).generations.length, changes: [] };
  }

  async capabilities(call: Call): Promise<Capabilities> {
    await this.#enter({}, call);
    const hypervisor = { name: "none", devices: [{ kind: "cdrom", bus: "scsi" }] } as const;
    const seenAt = new Date("2026-01-02T03:04:05Z");
    const hosts = [{ host: "compute-7", state: "AWAY", hypervisor, launches: false, version: "1.0", seenAt }] as const;
    return { hypervisor, hosts, launchHost: "", limits: defaultLimits, sourceSchemes: ["https"] };
  }

  async upload({ bytes, ...request }: UploadContent, call: Call): Promise<Upload> {
    const hash = createHash("sha256");
    let sizeBytes = 0;
    for await (const chunk of bytes) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
    await this.#enter(request, call);
    const content = { sha256: hash.digest("hex"), sizeBytes };
    return { contentId: this.newId(), projectId: call.projectId, content, expiresAt: AT };
  }

  /** The bytes of every image are `this.image`. */
  async download(request: DownloadImage, call: Call): Promise<Download> {
    await this.#enter(request, call);
    const generation = this.#find(request.driveId).generations.at(-1);
    if (generation === undefined) throw new Refusal("DRIVE_NOT_READY", "nothing to download");
    const { image } = this;
    const sha256 = createHash("sha256").update(image).digest("hex");
    async function* parts() {
      for (let at = 0; at < image.length; at += PART) yield image.subarray(at, at + PART);
    }
    return { generation: { ...generation, sizeBytes: image.length, sha256 }, parts: parts() };
  }

  async *watch(request: WatchDrives, call: Call): AsyncGenerator<DriveEvent> {
    await this.#enter(request, call);
    yield { kind: "CURRENT", resumeToken: "0", driveId: "", at: AT };
    for (const drive of this.drives.values()) {
      yield { kind: "CHANGED", resumeToken: drive.id, driveId: drive.id, drive, at: AT };
    }
    await new Promise((_, reject) => {
      call.signal.addEventListener("abort", () => reject(call.signal.reason), { once: true });
    });
  }

  async #enter(request: unknown, call: Call): Promise<void> {
    this.seen.push(request);
    await this.before(call);
  }

  #find(id: string): Drive {
    const drive = this.drives.get(id);
    if (drive === undefined) throw new Refusal("DRIVE_NOT_FOUND", `no drive ${id}`, { metadata: { drive_id: id } });
    return drive;
  }

  #keep(drive: Drive): Drive {
    this.drives.set(drive.id, drive);
    return drive;
  }
}

/** A drive with its newest generation, as if the image stood on a host. */
function imageOn(host: string, drive: Drive, role: string): InstanceDrive {
  const generation = drive.generations.at(-1)!;
  const { number, sizeBytes, format } = generation;
  const image = { driveId: drive.id, generation: number, path: `/${host}/${role}/${drive.id}`, sizeBytes, format };
  return { drive, generation, image };
}
