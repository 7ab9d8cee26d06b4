import type { Wait } from "#drive/hypervisor.js";

/** The methods of the plugin's endpoint in nova-compute (nova-plugin/configdrive_bridge/endpoint.py). */
export type PluginMethod = "choose_device" | "show_drive" | "hide_drive" | "observe_instance" | "render_drive";

/** Arguments and results, as the bus carries them. */
export type PluginValue = null | boolean | number | string | PluginValue[] | { [name: string]: PluginValue };

/** The plugin in the nova-compute of this host. */
export interface ComputePlugin {
  /** @throws PluginFailure for what the plugin raised, PluginAway where nobody answers in time */
  ask(method: PluginMethod, args: { [name: string]: PluginValue }, wait: Wait): Promise<unknown>;
  close(): Promise<void>;
}

/** An exception that the plugin raised. */
export class PluginFailure extends Error {
  override readonly name = "PluginFailure";
  constructor(
    /** The name of the Python class. */
    readonly exception: string,
    message: string,
  ) {
    super(message);
  }
}

/** Nobody answered: nova-compute is away, busy, or without the plugin. */
export class PluginAway extends Error {
  override readonly name = "PluginAway";
}
