import { type ClientUnaryCall, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import {
  AttachDriveRequest,
  type AttachDriveResponse,
  DeleteDriveRequest,
  type DeleteDriveResponse,
  DetachDriveRequest,
  type DetachDriveResponse,
  DriveServiceClient,
  GetDriveRequest,
  type GetDriveResponse,
  ListDrivesRequest,
  type ListDrivesResponse,
  PopulateVolumeRequest,
  type PopulateVolumeResponse,
  RefreshDriveRequest,
  type RefreshDriveResponse,
} from "#gen/configdrive/v1/drive_service.js";
import { RemoteError } from "./remote-error.js";
import { PROJECT_ID, REQUEST_ID } from "./request-id.js";

/** How one call is made. */
export interface ClientCall {
  /** When to stop waiting. The operation goes on, and the same request id rejoins it. */
  readonly deadline?: Date;
  readonly signal?: AbortSignal;
  readonly projectId?: string;
  readonly openstackRequestId?: string;
}

type Unary<Q, S> = (
  request: Q,
  metadata: Metadata,
  options: { deadline?: Date },
  callback: (error: ServiceError | null, response: S) => void,
) => ClientUnaryCall;

/** DriveService with promises: what is not given takes its default, and every failure is a `RemoteError`. */
export class DriveClient implements Disposable {
  readonly #client: DriveServiceClient;

  /** @param target - such as `unix:/run/configdrive/grpc.sock` or `127.0.0.1:50051` */
  constructor(target: string) {
    this.#client = new DriveServiceClient(target, credentials.createInsecure());
  }

  populateVolume(request: Partial<PopulateVolumeRequest>, call?: ClientCall): Promise<PopulateVolumeResponse> {
    return unary((...all) => this.#client.populateVolume(...all), PopulateVolumeRequest.fromPartial(request), call);
  }

  attachDrive(request: Partial<AttachDriveRequest>, call?: ClientCall): Promise<AttachDriveResponse> {
    return unary((...all) => this.#client.attachDrive(...all), AttachDriveRequest.fromPartial(request), call);
  }

  refreshDrive(request: Partial<RefreshDriveRequest>, call?: ClientCall): Promise<RefreshDriveResponse> {
    return unary((...all) => this.#client.refreshDrive(...all), RefreshDriveRequest.fromPartial(request), call);
  }

  detachDrive(request: Partial<DetachDriveRequest>, call?: ClientCall): Promise<DetachDriveResponse> {
    return unary((...all) => this.#client.detachDrive(...all), DetachDriveRequest.fromPartial(request), call);
  }

  getDrive(request: Partial<GetDriveRequest>, call?: ClientCall): Promise<GetDriveResponse> {
    return unary((...all) => this.#client.getDrive(...all), GetDriveRequest.fromPartial(request), call);
  }

  listDrives(request: Partial<ListDrivesRequest>, call?: ClientCall): Promise<ListDrivesResponse> {
    return unary((...all) => this.#client.listDrives(...all), ListDrivesRequest.fromPartial(request), call);
  }

  deleteDrive(request: Partial<DeleteDriveRequest>, call?: ClientCall): Promise<DeleteDriveResponse> {
    return unary((...all) => this.#client.deleteDrive(...all), DeleteDriveRequest.fromPartial(request), call);
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

function unary<Q, S>(method: Unary<Q, S>, request: Q, call: ClientCall = {}): Promise<S> {
  call.signal?.throwIfAborted();
  const metadata = new Metadata();
  if (call.projectId !== undefined) metadata.set(PROJECT_ID, call.projectId);
  if (call.openstackRequestId !== undefined) metadata.set(REQUEST_ID, call.openstackRequestId);
  return new Promise((resolve, reject) => {
    const options = call.deadline === undefined ? {} : { deadline: call.deadline };
    const running = method(request, metadata, options, (error, response) => {
      call.signal?.removeEventListener("abort", cancel);
      if (error === null) resolve(response);
      else reject(new RemoteError(error));
    });
    const cancel = () => running.cancel();
    call.signal?.addEventListener("abort", cancel, { once: true });
  });
}
