import {
  type handleUnaryCall,
  Metadata,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { methodOf } from "#api/contract.js";
import type { MethodDescriptor } from "#api/descriptors.js";
import { type Behind, dispatch } from "#api/dispatch.js";
import { downloadImage } from "#api/handlers/download-image.js";
import { serveDriveHandlers } from "#api/handlers/drive-service.js";
import type { Handler } from "#api/handlers/handler.js";
import { uploadContent } from "#api/handlers/upload-content.js";
import { watchDrives } from "#api/handlers/watch-drives.js";
import { Refusal } from "#drive/refusal.js";
import { callOf, untilAborted } from "./call.js";
import type { CallsInFlight } from "./calls-in-flight.js";
import { clientStream } from "./client-stream.js";
import { REQUEST_ID } from "./request-id.js";
import { serverStream } from "./server-stream.js";
import { serviceError } from "./status.js";

/** What is told of each call when it is over. `error` is what was thrown, if anything. */
export interface CallRecord {
  readonly method: string;
  readonly openstackRequestId: string;
  readonly projectId: string;
  readonly error?: unknown;
}

export interface DriveServiceOptions extends Behind {
  readonly inFlight: CallsInFlight;
  /** Makes a request id (`req-` and a UUID) for a call that brings none. */
  readonly newRequestId: () => string;
  readonly observe: (record: CallRecord) => void;
}

/** DriveService on gRPC: every method, by the name that the generated service definition gives it. */
export function driveService(options: DriveServiceOptions): UntypedServiceImplementation {
  const unaries = Object.fromEntries(
    serveDriveHandlers<[string, UntypedHandleCall]>((name, handler) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      unary(methodOf(name), handler, options),
    ]),
  );
  const { closing, signal } = options.inFlight;
  return {
    ...unaries,
    uploadContent: clientStream("UploadContent", uploadContent, options),
    downloadImage: serverStream("DownloadImage", downloadImage, signal, options),
    // It never ends by itself, so no drain waits for it.
    watchDrives: serverStream("WatchDrives", watchDrives, closing, options),
  };
}

function unary<Q extends object, S>(
  method: MethodDescriptor,
  handler: Handler<Q, S>,
  { inFlight, newRequestId, observe, ...behind }: DriveServiceOptions,
): handleUnaryCall<Q, S> {
  return (grpcCall, callback) => {
    const call = callOf(grpcCall, newRequestId, inFlight.signal);
    const { openstackRequestId, projectId } = call;
    const head = new Metadata();
    head.set(REQUEST_ID, openstackRequestId);
    grpcCall.sendMetadata(head);
    const record = { method: method.name, openstackRequestId, projectId };
    const answer = async () => {
      if (inFlight.draining) throw new Refusal("SHUTTING_DOWN", "the service is stopping and takes no new calls");
      return untilAborted(dispatch(method, handler, behind, grpcCall.request, call), call.signal);
    };
    inFlight.track(
      answer().then(
        (response) => {
          observe(record);
          callback(null, response);
        },
        (error: unknown) => {
          observe({ ...record, error });
          callback(serviceError(error));
        },
      ),
    );
  };
}
