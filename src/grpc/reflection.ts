import type { Server } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { protoPath as healthProto } from "grpc-health-check";
import { protoDirectory, SERVICE_FILES } from "#api/contract-files.js";

/** Answers what the server offers, to grpcurl and its like: reflection v1 and v1alpha. */
export function addReflection(server: Server): void {
  const files = loadSync([...SERVICE_FILES, healthProto], { includeDirs: [protoDirectory()], keepCase: true });
  new ReflectionService(files).addToServer(server);
}
