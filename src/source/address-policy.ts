import { BlockList, isIPv6 } from "node:net";

/**
 * Networks that are not the public internet (IANA's special-purpose address registries, RFC 6890 and its updates): an address in
 * one of them is a machine near this service, which a caller must not reach through it.
 */
const NEAR: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
  ["::", 96],
  ["::ffff:0:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["100:0:0:1::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
];

/** A network as it is configured, such as `10.1.0.0/16`; a bare address is a network of one. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
}

/** Reads a network. Gives `undefined` for what is none. */
export function parseNetwork(text: string): Network | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const bits = isIPv6(address) ? 128 : 32;
  const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (rest.length > 0 || Number.isNaN(prefix) || prefix > bits) return undefined;
  try {
    new BlockList().addSubnet(address, prefix, bits === 128 ? "ipv6" : "ipv4");
  } catch {
    return undefined;
  }
  return { address, prefix };
}

function listOf(networks: Iterable<readonly [string, number]>): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, isIPv6(address) ? "ipv6" : "ipv4");
  return list;
}

const near = listOf(NEAR);

/** Which addresses the service may connect to: public ones, and those of the networks that the operator allows. */
export class AddressPolicy {
  readonly #allowed: BlockList;

  constructor(allowed: readonly Network[] = []) {
    this.#allowed = listOf(allowed.map(({ address, prefix }) => [address, prefix] as const));
  }

  /** Whether a connection to this address may be made. IPv4 inside IPv6 (`::ffff:10.0.0.1`) counts as the IPv4 address it is. */
  allows(address: string): boolean {
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    return this.#allowed.check(address, family) || !near.check(address, family);
  }
}
