import { setFips } from "node:crypto";
import { createSecureContext } from "node:tls";
import { BusConfigError } from "../wire/bus-config-error.js";

/**
 * Switches OpenSSL's FIPS mode on for the whole process, as oslo.messaging does for `ssl_enforce_fips_mode`.
 * @throws BusConfigError when this OpenSSL has no FIPS provider; the process goes on as it was. An OpenSSL without one takes the switch
 * all the same, and fails at the next handshake or key, so what every handshake needs is asked for at once.
 */
export function enforceFipsMode(): void {
  try {
    setFips(true);
    createSecureContext();
  } catch {
    setFips(false);
    throw new BusConfigError("ssl_enforce_fips_mode", "the OpenSSL of this Node.js has no FIPS provider");
  }
}
