import { type ClientUnaryCall, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import {
  AttachDriveRequest,
  type AttachDriveResponse,
  DeleteDriveRequest,
  type DeleteDriveResponse,
  DetachDriveRequest,
  type DetachDriveResponse,
  DiffDriveRequest,
  type DiffDriveResponse,
  DriveServiceClient,
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
  UpdateDriveRequest,
  type UpdateDriveResponse,
  WatchDrivesRequest,
  type WatchDrivesResponse,
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

  updateDrive(request: Partial<UpdateDriveRequest>, call?: ClientCall): Promise<UpdateDriveResponse> {
    return unary((...all) => this.#client.updateDrive(...all), UpdateDriveRequest.fromPartial(request), call);
  }

  inspectDrive(request: Partial<InspectDriveRequest>, call?: ClientCall): Promise<InspectDriveResponse> {
    return unary((...all) => this.#client.inspectDrive(...all), InspectDriveRequest.fromPartial(request), call);
  }

  diffDrive(request: Partial<DiffDriveRequest>, call?: ClientCall): Promise<DiffDriveResponse> {
    return unary((...all) => this.#client.diffDrive(...all), DiffDriveRequest.fromPartial(request), call);
  }

  /** Every change as it happens, until the deadline or the signal; leaving the loop ends the watch. */
  async *watchDrives(request: Partial<WatchDrivesRequest>, call: ClientCall = {}): AsyncGenerator<WatchDrivesResponse> {
    call.signal?.throwIfAborted();
    const stream = this.#client.watchDrives(WatchDrivesRequest.fromPartial(request), headersOf(call), optionsOf(call));
    const cancel = () => stream.cancel();
    call.signal?.addEventListener("abort", cancel, { once: true });
    try {
      yield* stream;
    } catch (error) {
      throw isServiceError(error) ? new RemoteError(error) : error;
    } finally {
      call.signal?.removeEventListener("abort", cancel);
      stream.cancel();
    }
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

function unary<Q, S>(method: Unary<Q, S>, request: Q, call: ClientCall = {}): Promise<S> {
  call.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const running = method(request, headersOf(call), optionsOf(call), (error, response) => {
      call.signal?.removeEventListener("abort", cancel);
      if (error === null) resolve(response);
      else reject(new RemoteError(error));
    });
    const cancel = () => running.cancel();
    call.signal?.addEventListener("abort", cancel, { once: true });
  });
}

function headersOf({ projectId, openstackRequestId }: ClientCall): Metadata {
  const metadata = new Metadata();
  if (projectId !== undefined) metadata.set(PROJECT_ID, projectId);
  if (openstackRequestId !== undefined) metadata.set(REQUEST_ID, openstackRequestId);
  return metadata;
}

function optionsOf({ deadline }: ClientCall): { deadline?: Date } {
  return deadline === undefined ? {} : { deadline };
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}
