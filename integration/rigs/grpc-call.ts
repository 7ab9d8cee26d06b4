import { type Client, Metadata } from "@grpc/grpc-js";
import type protobuf from "protobufjs";
import type { Json } from "./door.js";

/**
 * Calls a method of a service that was read from its proto file, with arguments and result in the form that the bus has:
 * own names, enums by name, 64-bit numbers as numbers, bytes in base64. Rejects with grpc-js's ServiceError.
 */
export function grpcCall(
  client: Client,
  service: protobuf.Service,
  name: string,
  args: object,
  how: { readonly deadlineMs?: number; readonly projectId?: string } = {},
): Promise<{ [name: string]: Json }> {
  const method = service.methods[name];
  method?.resolve();
  const [request, response] = [method?.resolvedRequestType, method?.resolvedResponseType];
  if (!request || !response) throw new Error(`${service.fullName} has no method ${name}`);
  const metadata = new Metadata();
  if (how.projectId !== undefined) metadata.set("x-project-id", how.projectId);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      `/${service.fullName.slice(1)}/${name}`,
      (message: protobuf.Message) => Buffer.from(request.encode(message).finish()),
      (bytes) => response.decode(bytes),
      request.fromObject(args),
      metadata,
      { deadline: Date.now() + (how.deadlineMs ?? 60_000) },
      (error, message) => {
        if (error !== null) reject(error);
        else if (message === undefined) reject(new Error(`${name} was answered with nothing`));
        else resolve(response.toObject(message, { longs: Number, enums: String, bytes: String, defaults: true }));
      },
    );
  });
}
