import type { DeclareHostRequest, DeclareHostResponse } from "#gen/configdrive/v1/drive_service.js";
import { hostMessage } from "../messages/host.js";
import type { Handler } from "./handler.js";

/** DeclareHost: a host is lost for good, or it is not. */
export const declareHost: Handler<DeclareHostRequest, DeclareHostResponse> = async (
  drives,
  { host, lost, validateOnly },
  call,
) => {
  const declared = await drives.declareHost({ host, lost, ...(validateOnly ? { validateOnly } : {}) }, call);
  return { ...declared, host: hostMessage(declared.host) };
};
