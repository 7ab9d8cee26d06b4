import type { HostState, HostView } from "#drive/hosts.js";
import {
  type HostCapabilities,
  HostState as HostStateMessage,
  type HypervisorCapabilities,
} from "#gen/configdrive/v1/drive_service.js";
import { formMessage } from "./device.js";

const STATES: Readonly<Record<HostState, HostStateMessage>> = {
  PRESENT: HostStateMessage.HOST_STATE_PRESENT,
  AWAY: HostStateMessage.HOST_STATE_AWAY,
  AMBIGUOUS: HostStateMessage.HOST_STATE_AMBIGUOUS,
  LOST: HostStateMessage.HOST_STATE_LOST,
};

/** A host in the contract's words. */
export function hostMessage({ host, state, hypervisor, launches, version, seenAt }: HostView): HostCapabilities {
  return { host, state: STATES[state], hypervisor: hypervisorMessage(hypervisor), version, seenAt, launches };
}

/** What a hypervisor can show, in the contract's words. */
export function hypervisorMessage({ name, devices }: HostView["hypervisor"]): HypervisorCapabilities {
  return { name, devices: devices.map(formMessage) };
}
