import type { DeviceForm } from "#drive/hypervisor.js";
import type { HostReport as HostReportMessage } from "#gen/configdrive/agent/v1/agent.js";
import { formMessage, knownForm } from "./messages/device.js";

/** What an agent says of its host. */
export interface HostReport {
  readonly host: string;
  /** Another one for every start of an agent. */
  readonly agentId: string;
  readonly programVersion: string;
  /** Of AgentService, `major.minor`. */
  readonly protocolVersion: string;
  readonly hypervisor: { readonly name: string; readonly devices: readonly DeviceForm[] };
  /** It runs instances. */
  readonly launches: boolean;
  readonly intervalMs: number;
  readonly startedAt: Date;
  readonly leaving: boolean;
}

/** The report as it travels. */
export function reportMessage(report: HostReport): HostReportMessage {
  const { hypervisor, ...fields } = report;
  return { ...fields, hypervisor: hypervisor.name, devices: hypervisor.devices.map(formMessage) };
}

/** The report that came; devices that this version does not know are passed over. */
export function reportOf({ hypervisor, devices, startedAt, ...fields }: HostReportMessage): HostReport {
  return {
    ...fields,
    hypervisor: { name: hypervisor, devices: devices.flatMap((device) => knownForm(device) ?? []) },
    startedAt: startedAt ?? new Date(0),
  };
}
