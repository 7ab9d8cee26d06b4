import type { UntypedHandleCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { downloadImage } from "#api/handlers/download-image.js";
import { serveDriveHandlers } from "#api/handlers/drive-service.js";
import { uploadContent } from "#api/handlers/upload-content.js";
import { watchDrives } from "#api/handlers/watch-drives.js";
import type { DriveUseCases } from "#drive/use-cases.js";
import { clientStream } from "./client-stream.js";
import type { Serving } from "./served-call.js";
import { serverStream } from "./server-stream.js";
import { unary } from "./unary.js";

export interface DriveServiceOptions extends Serving {
  readonly drives: DriveUseCases;
}

/** DriveService on gRPC: every method, by the name that the generated service definition gives it. */
export function driveService(options: DriveServiceOptions): UntypedServiceImplementation {
  const unaries = Object.fromEntries(
    serveDriveHandlers<[string, UntypedHandleCall]>((name, handler) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      unary(name, handler, options.drives, options),
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
