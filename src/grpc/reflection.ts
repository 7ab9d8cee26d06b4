import { readFileSync } from "node:fs";
import type { Server } from "@grpc/grpc-js";
import type { PackageDefinition } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import protobuf from "protobufjs";
import { contract } from "#api/contract.js";

/** Answers what the server offers, to grpcurl and its like: reflection v1 and v1alpha. */
export function addReflection(server: Server): void {
  // The compiled files hold the services of the agents too, which are the bus's alone.
  const services = [...contract().services, "grpc.health.v1.Health"];
  new ReflectionService(definitionOf(compiledFiles()), { services }).addToServer(server);
}

/**
 * The files as the compiler wrote them, with their imports. What proto-loader makes of them is one file a package that imports
 * nothing and names a map's entries otherwise, and grpcurl and buf refuse both.
 */
function compiledFiles(): Buffer[] {
  const reader = protobuf.Reader.create(readFileSync(new URL("../gen/contract.binpb", import.meta.url)));
  const files: Buffer[] = [];
  // A FileDescriptorSet is its files, one after the other (google/protobuf/descriptor.proto). Each is passed on as it is.
  while (reader.pos < reader.len) {
    reader.uint32();
    files.push(Buffer.from(reader.bytes()));
  }
  return files;
}

/** All that the reflection service takes of a definition is its files. One definition has them all: it would read each again for every other. */
function definitionOf(fileDescriptorProtos: Buffer[]): PackageDefinition {
  return { contract: { format: "Protocol Buffer 3 EnumDescriptorProto", type: {}, fileDescriptorProtos } };
}
