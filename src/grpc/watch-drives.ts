import { once } from "node:events";
import { type handleServerStreamingCall, Metadata } from "@grpc/grpc-js";
import { methodOf } from "#api/contract.js";
import { watchDrives } from "#api/handlers/watch-drives.js";
import { checkLimits } from "#api/limits.js";
import type { WatchDrivesRequest, WatchDrivesResponse } from "#gen/configdrive/v1/drive_service.js";
import { callOf } from "./call.js";
import type { DriveServiceOptions } from "./drive-service.js";
import { REQUEST_ID } from "./request-id.js";
import { serviceError } from "./status.js";

/**
 * WatchDrives on gRPC: a stream that ends when the caller goes away or the service drains. A caller that does not read holds
 * up its own watch and nothing else.
 */
export function watchDrivesCall(
  options: DriveServiceOptions,
): handleServerStreamingCall<WatchDrivesRequest, WatchDrivesResponse> {
  const { drives, inFlight, newRequestId, observe } = options;
  const method = methodOf("WatchDrives");
  return (stream) => {
    const call = callOf(stream, newRequestId, inFlight.closing);
    const { openstackRequestId, projectId } = call;
    const head = new Metadata();
    head.set(REQUEST_ID, openstackRequestId);
    stream.sendMetadata(head);
    const record = { method: method.name, openstackRequestId, projectId };
    const tell = async () => {
      checkLimits(method.request, stream.request);
      call.signal.throwIfAborted();
      for await (const event of watchDrives(drives, stream.request, call)) {
        if (!stream.write(event)) await once(stream, "drain", { signal: call.signal });
      }
    };
    inFlight.track(
      tell().then(
        () => {
          observe(record);
          stream.end();
        },
        (error: unknown) => {
          const why = call.signal.aborted ? call.signal.reason : error;
          observe({ ...record, error: why });
          stream.emit("error", serviceError(why));
        },
      ),
    );
  };
}
