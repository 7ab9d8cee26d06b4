import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { isIP } from "node:net";
import type { AddressPolicy } from "./address-policy.js";

/** An address that the policy forbids, found when a connection was about to be made. */
export class AddressForbidden extends Error {
  override readonly name = "AddressForbidden";
}

type Answer = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * A `lookup` for Node's sockets that gives only addresses which the policy allows. The check stands where the connection takes its
 * address from, so that a name which answers otherwise the second time gains nothing.
 */
export function guardedLookup(policy: AddressPolicy) {
  return (hostname: string, options: LookupOptions, answer: Answer): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return answer(error, []);
      const allowed = addresses.filter(({ address }) => policy.allows(address));
      const [first] = allowed;
      if (first === undefined)
        return answer(new AddressForbidden(`${hostname} has no address that may be reached`), []);
      if (options.all === true) answer(null, allowed);
      else answer(null, first.address, first.family);
    });
  };
}

/** A host that is an address itself is never looked up: it is checked here. Throws `AddressForbidden`. */
export function checkLiteral(hostname: string, policy: AddressPolicy): void {
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) !== 0 && !policy.allows(address)) {
    throw new AddressForbidden(`${hostname} is an address that may not be reached`);
  }
}
