import type {
  ConnectDriveRequest,
  ConnectDriveResponse,
  DisconnectDriveRequest,
  DisconnectDriveResponse,
} from "#gen/configdrive/v1/connection.js";
import type { Drive } from "#gen/configdrive/v1/drive.js";
import type {
  AttachDriveRequest,
  AttachDriveResponse,
  DeclareHostRequest,
  DeclareHostResponse,
  DeleteDriveRequest,
  DeleteDriveResponse,
  DetachDriveRequest,
  DetachDriveResponse,
  DiffDriveRequest,
  DiffDriveResponse,
  DownloadImageRequest,
  GetCapabilitiesRequest,
  GetCapabilitiesResponse,
  GetDriveRequest,
  GetDriveResponse,
  InspectDriveRequest,
  InspectDriveResponse,
  ListDrivesRequest,
  ListDrivesResponse,
  PopulateVolumeRequest,
  PopulateVolumeResponse,
  RefreshDriveRequest,
  RefreshDriveResponse,
  ReleaseInstanceRequest,
  ReleaseInstanceResponse,
  UpdateDriveRequest,
  UpdateDriveResponse,
  UploadContentResponse,
  WatchDrivesRequest,
  WatchDrivesResponse,
} from "#gen/configdrive/v1/drive_service.js";
import type { Instance } from "#gen/configdrive/v1/instance.js";
import type {
  BuildInstanceDriveRequest,
  BuildInstanceDriveResponse,
  RecordInstanceDriveRequest,
  RecordInstanceDriveResponse,
  StageInstanceDriveRequest,
  StageInstanceDriveResponse,
} from "#gen/configdrive/v1/instance_drive.js";
import type {
  GetInstanceRequest,
  GetInstanceResponse,
  ListInstancesRequest,
  ListInstancesResponse,
  RunInstancesRequest,
  RunInstancesResponse,
  StartInstanceRequest,
  StartInstanceResponse,
  StopInstanceRequest,
  StopInstanceResponse,
  TerminateInstancesRequest,
  TerminateInstancesResponse,
} from "#gen/configdrive/v1/instance_service.js";
import { type ClientCall, DriveClient } from "#grpc/client.js";
import { InstanceClient } from "#grpc/instance-client.js";
import type { Init } from "#grpc/request-init.js";
import { type DownloadedImage, download } from "./download.js";
import type { CallOptions, ConnectOptions } from "./options.js";
import type { Surroundings } from "./surroundings.js";
import { tlsOf } from "./tls.js";
import { Tries } from "./tries.js";
import { type Content, type ContentFacts, canBeSentAgain, uploadMessages } from "./upload.js";
import { watch } from "./watch.js";

/**
 * The service as a program has it. Every call takes what is left out by its default, goes under one request id however often it is
 * tried, and throws `ConfigDriveError`, or the reason of its signal. `connect` makes one.
 */
export class ConfigDriveClient implements Disposable {
  readonly #drives: DriveClient;
  readonly #instances: InstanceClient;

  constructor(
    private readonly connection: ConnectOptions,
    private readonly surroundings: Surroundings,
  ) {
    const tls = tlsOf(connection);
    this.#drives = new DriveClient(connection.target, tls);
    this.#instances = new InstanceClient(connection.target, tls);
  }

  /** Makes a drive, or puts new content into one; answers when its image is in place. */
  populateVolume(request: Init<PopulateVolumeRequest>, options?: CallOptions): Promise<PopulateVolumeResponse> {
    return this.#change(request, options, (asked, how) => this.#drives.populateVolume(asked, how));
  }

  /** Shows a drive to an instance; answers when the hypervisor shows it. */
  attachDrive(request: Init<AttachDriveRequest>, options?: CallOptions): Promise<AttachDriveResponse> {
    return this.#change(request, options, (asked, how) => this.#drives.attachDrive(asked, how));
  }

  /** Shows the newest content to the instances that have the drive. */
  refreshDrive(request: Init<RefreshDriveRequest>, options?: CallOptions): Promise<RefreshDriveResponse> {
    return this.#change(request, options, (asked, how) => this.#drives.refreshDrive(asked, how));
  }

  /** Takes a drive from an instance; answers when the hypervisor no longer shows it. */
  detachDrive(request: Init<DetachDriveRequest>, options?: CallOptions): Promise<DetachDriveResponse> {
    return this.#change(request, options, (asked, how) => this.#drives.detachDrive(asked, how));
  }

  /** Says whether a drive goes with its instance. */
  updateDrive(request: Init<UpdateDriveRequest>, options?: CallOptions): Promise<UpdateDriveResponse> {
    return this.#change(request, options, (asked, how) => this.#drives.updateDrive(asked, how));
  }

  /** Removes a drive that no instance has; one that is not there is a success. */
  deleteDrive(request: Init<DeleteDriveRequest>, options?: CallOptions): Promise<DeleteDriveResponse> {
    return this.#change(request, options, (asked, how) => this.#drives.deleteDrive(asked, how));
  }

  /** Lets go of an instance that is known to be deleted: its ephemeral drives go, the others are kept. */
  releaseInstance(request: Init<ReleaseInstanceRequest>, options?: CallOptions): Promise<ReleaseInstanceResponse> {
    return this.#change(request, options, (asked, how) => this.#drives.releaseInstance(asked, how));
  }

  /** Builds the drive that an instance is born with, for a compute manager that shows it itself; answers when its image is in place. */
  buildInstanceDrive(
    request: Init<BuildInstanceDriveRequest>,
    options?: CallOptions,
  ): Promise<BuildInstanceDriveResponse> {
    return this.#change(request, options, (asked, how) => this.#drives.buildInstanceDrive(asked, how));
  }

  /** Tells that a compute manager shows the drive of an instance itself, and on which host. */
  recordInstanceDrive(
    request: Init<RecordInstanceDriveRequest>,
    options?: CallOptions,
  ): Promise<RecordInstanceDriveResponse> {
    return this.#change(request, options, (asked, how) => this.#drives.recordInstanceDrive(asked, how));
  }

  /** Brings an image of an instance's own drive to a host; answers when it is in place. */
  stageInstanceDrive(
    request: Init<StageInstanceDriveRequest>,
    options?: CallOptions,
  ): Promise<StageInstanceDriveResponse> {
    return this.#read(request, options, (asked, how) => this.#drives.stageInstanceDrive(asked, how));
  }

  /** Gives an instance a drive that its compute manager shows itself; answers where the image stands on the host. */
  connectDrive(request: Init<ConnectDriveRequest>, options?: CallOptions): Promise<ConnectDriveResponse> {
    return this.#change(request, options, (asked, how) => this.#drives.connectDrive(asked, how));
  }

  /** Tells that a compute manager no longer shows a drive to an instance on a host. */
  disconnectDrive(request: Init<DisconnectDriveRequest>, options?: CallOptions): Promise<DisconnectDriveResponse> {
    return this.#change(request, options, (asked, how) => this.#drives.disconnectDrive(asked, how));
  }

  /** Runs instances, each with a drive of its own from its first boot on. */
  runInstances(request: Init<RunInstancesRequest>, options?: CallOptions): Promise<RunInstancesResponse> {
    return this.#change(request, options, (asked, how) => this.#instances.runInstances(asked, how));
  }

  /** Ends instances for good. */
  terminateInstances(
    request: Init<TerminateInstancesRequest>,
    options?: CallOptions,
  ): Promise<TerminateInstancesResponse> {
    return this.#change(request, options, (asked, how) => this.#instances.terminateInstances(asked, how));
  }

  /** Shuts an instance down; it can be started again. */
  stopInstance(request: Init<StopInstanceRequest>, options?: CallOptions): Promise<StopInstanceResponse> {
    return this.#change(request, options, (asked, how) => this.#instances.stopInstance(asked, how));
  }

  /** Starts an instance that was stopped; its drives show their newest content. */
  startInstance(request: Init<StartInstanceRequest>, options?: CallOptions): Promise<StartInstanceResponse> {
    return this.#change(request, options, (asked, how) => this.#instances.startInstance(asked, how));
  }

  /** One drive. */
  getDrive(request: Init<GetDriveRequest>, options?: CallOptions): Promise<GetDriveResponse> {
    return this.#read(request, options, (asked, how) => this.#drives.getDrive(asked, how));
  }

  /** A page of the project's drives, by id; `drives` gives them all. */
  listDrives(request: Init<ListDrivesRequest> = {}, options?: CallOptions): Promise<ListDrivesResponse> {
    return this.#read(request, options, (asked, how) => this.#drives.listDrives(asked, how));
  }

  /** What an image holds, file by file, never the content itself. */
  inspectDrive(request: Init<InspectDriveRequest>, options?: CallOptions): Promise<InspectDriveResponse> {
    return this.#read(request, options, (asked, how) => this.#drives.inspectDrive(asked, how));
  }

  /** What the next attach or refresh would change of what the guest sees. */
  diffDrive(request: Init<DiffDriveRequest>, options?: CallOptions): Promise<DiffDriveResponse> {
    return this.#read(request, options, (asked, how) => this.#drives.diffDrive(asked, how));
  }

  /** What the service takes and can do. */
  getCapabilities(request: Init<GetCapabilitiesRequest> = {}, options?: CallOptions): Promise<GetCapabilitiesResponse> {
    return this.#read(request, options, (asked, how) => this.#drives.getCapabilities(asked, how));
  }

  /** Declares that a host never comes back, or takes that back. For operators. */
  declareHost(request: Init<DeclareHostRequest>, options?: CallOptions): Promise<DeclareHostResponse> {
    return this.#read(request, options, (asked, how) => this.#drives.declareHost(asked, how));
  }

  /** One instance. */
  getInstance(request: Init<GetInstanceRequest>, options?: CallOptions): Promise<GetInstanceResponse> {
    return this.#read(request, options, (asked, how) => this.#instances.getInstance(asked, how));
  }

  /** A page of the project's instances, by id; `instances` gives them all. */
  listInstances(request: Init<ListInstancesRequest> = {}, options?: CallOptions): Promise<ListInstancesResponse> {
    return this.#read(request, options, (asked, how) => this.#instances.listInstances(asked, how));
  }

  /**
   * Every drive of the project, or of one instance, or on one host, by id; `attached` true or false: those that some instance has, or
   * none.
   */
  async *drives(
    filter: Init<Pick<ListDrivesRequest, "instanceId" | "host" | "attached">> = {},
    options?: CallOptions,
  ): AsyncGenerator<Drive> {
    for (let pageToken: string | undefined = ""; pageToken !== undefined; ) {
      const page: ListDrivesResponse = await this.listDrives({ ...filter, pageToken }, options);
      yield* page.drives;
      pageToken = page.nextPageToken === "" ? undefined : page.nextPageToken;
    }
  }

  /** Every instance of the project, or those that were asked for together, by id. */
  async *instances(
    { reservationId = "" }: { readonly reservationId?: string } = {},
    options?: CallOptions,
  ): AsyncGenerator<Instance> {
    for (let pageToken: string | undefined = ""; pageToken !== undefined; ) {
      const page: ListInstancesResponse = await this.listInstances({ reservationId, pageToken }, options);
      yield* page.instances;
      pageToken = page.nextPageToken === "" ? undefined : page.nextPageToken;
    }
  }

  /**
   * Every change to the project's drives, from now on or from after the `resumeToken` of an earlier event, once each: a watch that breaks
   * off is taken up where it was. It has no end of its own unless `options` has one. Throws as any call does; RESUME_TOKEN_EXPIRED
   * says that the drives are to be listed anew.
   */
  watchDrives(
    request: Init<WatchDrivesRequest> = {},
    options: CallOptions = {},
  ): AsyncGenerator<WatchDrivesResponse, void, undefined> {
    return watch(this.#drives, request, this.#tries(options, "", { endless: true }));
  }

  /**
   * Sends content for a later `populateVolume`, which names it by `contentId`. Takes as long as it takes unless `options` has an end;
   * tried again only where the bytes can be had again.
   */
  async uploadContent(
    content: Content,
    facts: ContentFacts = {},
    options: CallOptions = {},
  ): Promise<UploadContentResponse> {
    const retry = canBeSentAgain(content) ? options.retry : false;
    const tries = this.#tries({ ...options, ...(retry === undefined ? {} : { retry }) }, "", { endless: true });
    return await tries.run((how) => this.#drives.uploadContent(uploadMessages(content, facts), how));
  }

  /** The bytes of an image as they come, checked against its digest. Takes as long as it takes unless `options` has an end. */
  downloadImage(request: Init<DownloadImageRequest>, options: CallOptions = {}): Promise<DownloadedImage> {
    const tries = this.#tries(options, "", { endless: true });
    return download(tries, (how) => this.#drives.downloadImage(request, how));
  }

  /** Closes the connection. Calls under way are cut off. */
  [Symbol.dispose](): void {
    this.#drives[Symbol.dispose]();
    this.#instances[Symbol.dispose]();
  }

  /** A call that changes something goes under a request id: the caller's, or a new one. */
  #change<Q extends { requestId?: string }, S>(
    request: Q,
    options: CallOptions = {},
    call: (request: Q, how: ClientCall) => Promise<S>,
  ): Promise<S> {
    const requestId = request.requestId || this.surroundings.newId();
    return this.#tries(options, requestId).run((how) => call({ ...request, requestId }, how));
  }

  #read<Q, S>(request: Q, options: CallOptions = {}, call: (request: Q, how: ClientCall) => Promise<S>): Promise<S> {
    return this.#tries(options, "").run((how) => call(request, how));
  }

  #tries(options: CallOptions, requestId: string, how: { readonly endless?: boolean } = {}): Tries {
    return new Tries(this.connection, options, requestId, this.surroundings, how);
  }
}
