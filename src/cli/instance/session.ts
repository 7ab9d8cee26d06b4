import type { SessionOptions, Surroundings } from "#cli/drive/service-command.js";
import { printAnswer, tlsOf } from "#cli/drive/session.js";
import type { Screen } from "#cli/screen.js";
import type { ClientCall } from "#grpc/client.js";
import { InstanceClient } from "#grpc/instance-client.js";

/** Calls InstanceService and prints its answer, as `callService` does for drives. */
export async function callInstances<Response extends object>(
  method: string,
  options: SessionOptions,
  surroundings: Surroundings,
  call: (client: InstanceClient, how: ClientCall) => Promise<Response>,
  view: (response: Response, screen: Screen) => readonly string[],
): Promise<void> {
  using client = new InstanceClient(options.server, tlsOf(options));
  await printAnswer(method, options, surroundings, (how) => call(client, how), view);
}
