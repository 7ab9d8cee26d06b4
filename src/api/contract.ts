import { parseContract } from "./contract-files.js";
import { readServices } from "./contract-reader.js";
import type { MethodDescriptor } from "./descriptors.js";

const SERVICES = ["configdrive.v1.DriveService", "configdrive.v1.InstanceService"];

/** The contract as both doors use it, read from the .proto files at run time. */
export interface Contract {
  /** The full names of its services, the first one being the one that is always there. */
  readonly services: readonly string[];
  /** Of all services; no two have a name in common. */
  readonly methods: readonly MethodDescriptor[];
  /** The version of the bus target: the newest `since` that the contract names. */
  readonly version: string;
}

let loaded: Contract | undefined;

/** The contract, read once a process. */
export function contract(): Contract {
  loaded ??= readServices(parseContract(), SERVICES);
  return loaded;
}

/** Another service of `proto/`, read from the files that define it. */
export function readContract(service: string, files: readonly string[]): Contract {
  return readServices(parseContract(files), [service]);
}

/** The descriptor of one method by its gRPC name. */
export function methodOf(name: string): MethodDescriptor {
  const method = contract().methods.find((candidate) => candidate.name === name);
  if (method === undefined) throw new Error(`the contract has no method ${name}`);
  return method;
}
