import {
  GetInstanceRequest,
  type GetInstanceResponse,
  InstanceServiceClient,
  ListInstancesRequest,
  type ListInstancesResponse,
  RunInstancesRequest,
  type RunInstancesResponse,
  StartInstanceRequest,
  type StartInstanceResponse,
  StopInstanceRequest,
  type StopInstanceResponse,
  TerminateInstancesRequest,
  type TerminateInstancesResponse,
} from "#gen/configdrive/v1/instance_service.js";
import { CHANNEL_OPTIONS } from "./channel-options.js";
import type { ClientCall } from "./client-call.js";
import { type ClientTls, channelCredentials } from "./client-tls.js";
import type { Init } from "./request-init.js";
import { unary } from "./unary-client-call.js";

/** InstanceService with promises, as `DriveClient` has DriveService. */
export class InstanceClient implements Disposable {
  readonly #client: InstanceServiceClient;

  /** As `DriveClient`'s. */
  constructor(target: string, tls?: ClientTls) {
    this.#client = new InstanceServiceClient(target, channelCredentials(tls), CHANNEL_OPTIONS);
  }

  runInstances(request: Init<RunInstancesRequest>, call?: ClientCall): Promise<RunInstancesResponse> {
    return unary((...all) => this.#client.runInstances(...all), RunInstancesRequest.fromPartial(request), call);
  }

  terminateInstances(request: Init<TerminateInstancesRequest>, call?: ClientCall): Promise<TerminateInstancesResponse> {
    return unary(
      (...all) => this.#client.terminateInstances(...all),
      TerminateInstancesRequest.fromPartial(request),
      call,
    );
  }

  stopInstance(request: Init<StopInstanceRequest>, call?: ClientCall): Promise<StopInstanceResponse> {
    return unary((...all) => this.#client.stopInstance(...all), StopInstanceRequest.fromPartial(request), call);
  }

  startInstance(request: Init<StartInstanceRequest>, call?: ClientCall): Promise<StartInstanceResponse> {
    return unary((...all) => this.#client.startInstance(...all), StartInstanceRequest.fromPartial(request), call);
  }

  getInstance(request: Init<GetInstanceRequest>, call?: ClientCall): Promise<GetInstanceResponse> {
    return unary((...all) => this.#client.getInstance(...all), GetInstanceRequest.fromPartial(request), call);
  }

  listInstances(request: Init<ListInstancesRequest>, call?: ClientCall): Promise<ListInstancesResponse> {
    return unary((...all) => this.#client.listInstances(...all), ListInstancesRequest.fromPartial(request), call);
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
