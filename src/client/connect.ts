import { ConfigDriveClient } from "./client.js";
import type { ConnectOptions } from "./options.js";
import { PROCESS, type Surroundings } from "./surroundings.js";

/**
 * A client of the service at an address. Nothing is dialled before the first call, and a connection that breaks is made anew.
 * @throws TypeError where options do not go together; Error of OpenSSL for certificates that cannot be used
 */
export function connect(options: ConnectOptions, surroundings: Surroundings = PROCESS): ConfigDriveClient {
  return new ConfigDriveClient(options, surroundings);
}
