import {
  ConnectDriveRequest,
  type ConnectDriveResponse,
  DisconnectDriveRequest,
  type DisconnectDriveResponse,
} from "#gen/configdrive/v1/connection.js";
import {
  AttachDriveRequest,
  type AttachDriveResponse,
  DeclareHostRequest,
  type DeclareHostResponse,
  DeleteDriveRequest,
  type DeleteDriveResponse,
  DetachDriveRequest,
  type DetachDriveResponse,
  DiffDriveRequest,
  type DiffDriveResponse,
  DownloadImageRequest,
  type DownloadImageResponse,
  DriveServiceClient,
  GetCapabilitiesRequest,
  type GetCapabilitiesResponse,
  GetDriveRequest,
  type GetDriveResponse,
  InspectDriveRequest,
  type InspectDriveResponse,
  ListDrivesRequest,
  type ListDrivesResponse,
  PopulateVolumeRequest,
  type PopulateVolumeResponse,
  RefreshDriveRequest,
  type RefreshDriveResponse,
  ReleaseInstanceRequest,
  type ReleaseInstanceResponse,
  UpdateDriveRequest,
  type UpdateDriveResponse,
  type UploadContentRequest,
  type UploadContentResponse,
  WatchDrivesRequest,
  type WatchDrivesResponse,
} from "#gen/configdrive/v1/drive_service.js";
import {
  BuildInstanceDriveRequest,
  type BuildInstanceDriveResponse,
  RecordInstanceDriveRequest,
  type RecordInstanceDriveResponse,
  StageInstanceDriveRequest,
  type StageInstanceDriveResponse,
} from "#gen/configdrive/v1/instance_drive.js";
import { CHANNEL_OPTIONS } from "./channel-options.js";
import { type ClientCall, receiveStream, sendStream } from "./client-call.js";
import { type ClientTls, channelCredentials } from "./client-tls.js";
import type { Init } from "./request-init.js";
import { unary } from "./unary-client-call.js";

export type { ClientCall };

/** DriveService with promises: what is not given takes its default, and every failure is a `RemoteError`. */
export class DriveClient implements Disposable {
  readonly #client: DriveServiceClient;

  /**
   * @param target - such as `unix:/run/configdrive/grpc.sock` or `controller:50051`
   * @param tls - what a service on another machine is known by, and we by it; unset: no TLS
   */
  constructor(target: string, tls?: ClientTls) {
    this.#client = new DriveServiceClient(target, channelCredentials(tls), CHANNEL_OPTIONS);
  }

  populateVolume(request: Init<PopulateVolumeRequest>, call?: ClientCall): Promise<PopulateVolumeResponse> {
    return unary((...all) => this.#client.populateVolume(...all), PopulateVolumeRequest.fromPartial(request), call);
  }

  attachDrive(request: Init<AttachDriveRequest>, call?: ClientCall): Promise<AttachDriveResponse> {
    return unary((...all) => this.#client.attachDrive(...all), AttachDriveRequest.fromPartial(request), call);
  }

  refreshDrive(request: Init<RefreshDriveRequest>, call?: ClientCall): Promise<RefreshDriveResponse> {
    return unary((...all) => this.#client.refreshDrive(...all), RefreshDriveRequest.fromPartial(request), call);
  }

  detachDrive(request: Init<DetachDriveRequest>, call?: ClientCall): Promise<DetachDriveResponse> {
    return unary((...all) => this.#client.detachDrive(...all), DetachDriveRequest.fromPartial(request), call);
  }

  buildInstanceDrive(request: Init<BuildInstanceDriveRequest>, call?: ClientCall): Promise<BuildInstanceDriveResponse> {
    return unary(
      (...all) => this.#client.buildInstanceDrive(...all),
      BuildInstanceDriveRequest.fromPartial(request),
      call,
    );
  }

  recordInstanceDrive(
    request: Init<RecordInstanceDriveRequest>,
    call?: ClientCall,
  ): Promise<RecordInstanceDriveResponse> {
    return unary(
      (...all) => this.#client.recordInstanceDrive(...all),
      RecordInstanceDriveRequest.fromPartial(request),
      call,
    );
  }

  stageInstanceDrive(request: Init<StageInstanceDriveRequest>, call?: ClientCall): Promise<StageInstanceDriveResponse> {
    return unary(
      (...all) => this.#client.stageInstanceDrive(...all),
      StageInstanceDriveRequest.fromPartial(request),
      call,
    );
  }

  connectDrive(request: Init<ConnectDriveRequest>, call?: ClientCall): Promise<ConnectDriveResponse> {
    return unary((...all) => this.#client.connectDrive(...all), ConnectDriveRequest.fromPartial(request), call);
  }

  disconnectDrive(request: Init<DisconnectDriveRequest>, call?: ClientCall): Promise<DisconnectDriveResponse> {
    return unary((...all) => this.#client.disconnectDrive(...all), DisconnectDriveRequest.fromPartial(request), call);
  }

  getDrive(request: Init<GetDriveRequest>, call?: ClientCall): Promise<GetDriveResponse> {
    return unary((...all) => this.#client.getDrive(...all), GetDriveRequest.fromPartial(request), call);
  }

  listDrives(request: Init<ListDrivesRequest>, call?: ClientCall): Promise<ListDrivesResponse> {
    return unary((...all) => this.#client.listDrives(...all), ListDrivesRequest.fromPartial(request), call);
  }

  deleteDrive(request: Init<DeleteDriveRequest>, call?: ClientCall): Promise<DeleteDriveResponse> {
    return unary((...all) => this.#client.deleteDrive(...all), DeleteDriveRequest.fromPartial(request), call);
  }

  releaseInstance(request: Init<ReleaseInstanceRequest>, call?: ClientCall): Promise<ReleaseInstanceResponse> {
    return unary((...all) => this.#client.releaseInstance(...all), ReleaseInstanceRequest.fromPartial(request), call);
  }

  declareHost(request: Init<DeclareHostRequest>, call?: ClientCall): Promise<DeclareHostResponse> {
    return unary((...all) => this.#client.declareHost(...all), DeclareHostRequest.fromPartial(request), call);
  }

  updateDrive(request: Init<UpdateDriveRequest>, call?: ClientCall): Promise<UpdateDriveResponse> {
    return unary((...all) => this.#client.updateDrive(...all), UpdateDriveRequest.fromPartial(request), call);
  }

  inspectDrive(request: Init<InspectDriveRequest>, call?: ClientCall): Promise<InspectDriveResponse> {
    return unary((...all) => this.#client.inspectDrive(...all), InspectDriveRequest.fromPartial(request), call);
  }

  diffDrive(request: Init<DiffDriveRequest>, call?: ClientCall): Promise<DiffDriveResponse> {
    return unary((...all) => this.#client.diffDrive(...all), DiffDriveRequest.fromPartial(request), call);
  }

  /** Every change as it happens, until the deadline or the signal; leaving the loop ends the watch. */
  watchDrives(request: Init<WatchDrivesRequest>, call?: ClientCall): AsyncIterable<WatchDrivesResponse> {
    return receiveStream((...all) => this.#client.watchDrives(...all), WatchDrivesRequest.fromPartial(request), call);
  }

  getCapabilities(request: Init<GetCapabilitiesRequest>, call?: ClientCall): Promise<GetCapabilitiesResponse> {
    return unary((...all) => this.#client.getCapabilities(...all), GetCapabilitiesRequest.fromPartial(request), call);
  }

  /** Sends content; the first message says what all of it will be, where that is known. */
  uploadContent(messages: AsyncIterable<UploadContentRequest>, call?: ClientCall): Promise<UploadContentResponse> {
    return sendStream((...all) => this.#client.uploadContent(...all), messages, call);
  }

  /** The parts of an image; leaving the loop ends the call. */
  downloadImage(request: Init<DownloadImageRequest>, call?: ClientCall): AsyncIterable<DownloadImageResponse> {
    return receiveStream(
      (...all) => this.#client.downloadImage(...all),
      DownloadImageRequest.fromPartial(request),
      call,
    );
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
