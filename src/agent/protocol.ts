import { type Contract, readContract } from "#api/contract.js";
import type { MethodDescriptor } from "#api/descriptors.js";

/** Where agents listen: one server a host. */
export const AGENT_TARGET = { exchange: "configdrive", topic: "configdrive_agent" } as const;

/** Where services hear of hosts: each hears every report. */
export const HOSTS_TARGET = { exchange: "configdrive", topic: "configdrive_hosts" } as const;

/**
 * The version of both. An agent serves services that speak the same major and no newer minor; a service speaks no newer one than
 * the agent reported. So whatever a minor version adds is used only where both sides have it.
 */
export const PROTOCOL_VERSION = "1.1";

const FILE = "configdrive/agent/v1/agent.proto";

let agentService: Contract | undefined;
let hostReportService: Contract | undefined;

/** What agents do, read from the .proto file once a process. */
export function agentProtocol(): Contract {
  agentService ??= readContract("configdrive.agent.v1.AgentService", [FILE]);
  return agentService;
}

/** What services are told, read in the same way. */
export function hostsProtocol(): Contract {
  hostReportService ??= readContract("configdrive.agent.v1.HostReportService", [FILE]);
  return hostReportService;
}

/** One method of a protocol by its name in the .proto file. */
export function methodIn(protocol: Contract, name: string): MethodDescriptor {
  const method = protocol.methods.find((candidate) => candidate.name === name);
  if (method === undefined) throw new Error(`${protocol.services.join(", ")} has no method ${name}`);
  return method;
}
