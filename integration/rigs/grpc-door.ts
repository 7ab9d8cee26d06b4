import { type ChannelCredentials, Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { parseContract } from "#api/contract-files.js";
import { ErrorInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";
import { CallFailed, type Door, type Json } from "./door.js";
import { grpcCall } from "./grpc-call.js";

/** gRPC as any program in any language has it: the contract's files and a channel, nothing of the service's own client. */
export class GrpcDoor implements Door, AsyncDisposable {
  readonly name = "gRPC";
  private readonly services = ["DriveService", "InstanceService"].map((name) =>
    parseContract().lookupService(`configdrive.v1.${name}`),
  );
  private readonly client: Client;

  /** @param projectId - whose drives the calls are about; the one that integration/run/client.py speaks for, if not given */
  constructor(
    address: string,
    private readonly projectId = "demo",
    channel: ChannelCredentials = credentials.createInsecure(),
  ) {
    this.client = new Client(address, channel);
  }

  async call(method: string, args: object): Promise<{ [name: string]: Json }> {
    const name = method.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const service = this.services.find(({ methods }) => name in methods);
    if (service === undefined) throw new Error(`the contract has no method ${name}`);
    try {
      return await grpcCall(this.client, service, name, args, { projectId: this.projectId });
    } catch (error) {
      throw callFailed(error) ?? error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
  }
}

/** What a status says, with the reason out of its ErrorInfo; `undefined` for an error that is no status. */
function callFailed(error: unknown): CallFailed | undefined {
  if (!(error instanceof Error && "code" in error && typeof error.code === "number")) return undefined;
  const metadata = "metadata" in error && error.metadata instanceof Metadata ? error.metadata : new Metadata();
  const [details] = metadata.get("grpc-status-details-bin");
  const infos = Buffer.isBuffer(details) ? Status.decode(details).details : [];
  const info = infos.find((any) => any.typeUrl.endsWith("/google.rpc.ErrorInfo"));
  const reason = info === undefined ? "" : ErrorInfo.decode(info.value).reason;
  return new CallFailed(reason, status[error.code] ?? String(error.code), error.message, metadata);
}
