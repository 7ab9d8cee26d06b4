import { setLogger } from "@grpc/grpc-js";

/**
 * Takes over what the gRPC library itself would print to standard error, for the whole process. It adds nothing to what the
 * door throws and answers, and may help to find a fault of the network.
 */
export function takeLibraryLog(log: (text: string) => void): void {
  const write = (...parts: unknown[]) => log(parts.map(String).join(" "));
  setLogger({ error: write, info: write, debug: write });
}
