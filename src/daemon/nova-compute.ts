import {
  type ComputePlugin,
  PluginAway,
  PluginFailure,
  type PluginMethod,
  type PluginValue,
} from "#adapters/nova/compute-plugin.js";
import { CallTimeout, Undeliverable } from "#bus/client/call-errors.js";
import type { RpcClient } from "#bus/client/rpc-client.js";
import { RemoteError } from "#bus/wire/remote-error.js";
import type { Wait } from "#drive/hypervisor.js";
import { PLUGIN_TARGET } from "#nova/answer-protocol.js";

/** The version of the plugin's endpoint that has what is asked for here. */
const VERSION = "1.1";

/** The plugin in the nova-compute of one host, over the bus. */
export class NovaCompute implements ComputePlugin {
  constructor(
    private readonly client: RpcClient,
    private readonly host: string,
    private readonly answerMs: number,
  ) {}

  async ask(method: PluginMethod, args: { [name: string]: PluginValue }, { signal }: Wait): Promise<unknown> {
    try {
      return await this.client.call({ ...PLUGIN_TARGET, server: this.host, version: VERSION }, method, args, {
        timeoutMs: this.answerMs,
        mandatory: true,
        signal,
      });
    } catch (error) {
      if (error instanceof RemoteError) throw new PluginFailure(error.failure.className, firstLine(error.message));
      if (error instanceof CallTimeout || error instanceof Undeliverable) {
        throw new PluginAway(error.message, { cause: error });
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

/** What comes after it is the traceback. */
function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
