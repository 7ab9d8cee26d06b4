import type { GetCapabilitiesRequest, GetCapabilitiesResponse } from "#gen/configdrive/v1/drive_service.js";
import { contract, methodOf } from "../contract.js";
import { hostMessage, hypervisorMessage } from "../messages/host.js";
import { formatMessage } from "../messages/image-format.js";
import type { Handler } from "./handler.js";

/** GetCapabilities: tells what this service takes and can do. */
export const getCapabilities: Handler<GetCapabilitiesRequest, GetCapabilitiesResponse> = async (drives, _, call) => {
  const { hypervisor, hosts, launchHost, limits, sourceSchemes } = await drives.capabilities(call);
  return {
    version: contract().version,
    formats: (["iso9660", "vfat", "raw"] as const).map(formatMessage),
    hypervisor: hypervisor === undefined ? undefined : hypervisorMessage(hypervisor),
    limits: {
      inlineBytes: BigInt(methodOf("PopulateVolume").request.maxInlineBytes ?? 0),
      contentBytes: BigInt(limits.contentBytes),
      volumeBytes: BigInt(limits.volumeBytes),
      files: limits.files,
      pathBytes: limits.pathBytes,
      nameBytes: limits.nameBytes,
      drivesPerProject: Number.isFinite(limits.drivesPerProject) ? limits.drivesPerProject : 0,
    },
    sourceSchemes: [...sourceSchemes],
    hosts: hosts.map(hostMessage),
    launchHost,
  };
};
