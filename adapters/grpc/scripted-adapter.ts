import { Metadata, Server, ServerCredentials, type status } from "@grpc/grpc-js";
import {
  type AdapterServiceServer,
  AdapterServiceService,
  DescribeAdapterResponse,
} from "#gen/configdrive/adapter/v1/adapter.js";
import { ErrorInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";

/** An adapter for unit tests: a real gRPC server, which answers as it is told and UNIMPLEMENTED to the rest. */
export class ScriptedAdapter implements AsyncDisposable {
  private constructor(
    readonly target: string,
    private readonly server: Server,
  ) {}

  /** @param port - 0 takes a free one */
  static async start(answers: Partial<AdapterServiceServer>, port = 0): Promise<ScriptedAdapter> {
    const server = new Server();
    const describeAdapter: AdapterServiceServer["describeAdapter"] = (_call, answer) =>
      answer(null, DescribeAdapterResponse.fromPartial({}));
    server.addService(AdapterServiceService, { describeAdapter, ...answers });
    const bound = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, taken) =>
        error === null ? resolve(taken) : reject(error),
      ),
    );
    return new ScriptedAdapter(`127.0.0.1:${bound}`, server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.forceShutdown();
  }
}

/** An error as an adapter answers it, with a reason where one is given. */
export function failure(code: status, message: string, reason?: string, domain = "configdrive.openstack.org") {
  const metadata = new Metadata();
  if (reason !== undefined) {
    const value = Buffer.from(ErrorInfo.encode({ reason, domain, metadata: { disk: "sda" } }).finish());
    const details = [{ typeUrl: "type.googleapis.com/google.rpc.ErrorInfo", value }];
    metadata.set("grpc-status-details-bin", Buffer.from(Status.encode({ code, message, details }).finish()));
  }
  return { code, details: message, metadata };
}
