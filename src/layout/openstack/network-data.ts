import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { json, text } from "../document.js";

/** network_data.json by nova's schema (doc/api_schemas/network_data.json): keys it does not name are kept. */
const mac = text.regex(/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i, "must be a MAC address");
const mtu = z
  .union([z.number().min(1).max(65535), z.null()], { error: "must be a number from 1 to 65535, or null" })
  .optional();
const linkBase = { id: text, mtu, vif_id: text.optional() };

const LINK_TYPES = ["bridge", "dvs", "hw_veb", "hyperv", "ovs", "tap", "vhostuser", "vif", "phy"] as const;
const BOND_MODES = [
  "802.3ad",
  "balance-rr",
  "active-backup",
  "balance-xor",
  "broadcast",
  "balance-tlb",
  "balance-alb",
] as const;

const link = z.discriminatedUnion(
  "type",
  [
    z.object({ ...linkBase, type: z.enum(LINK_TYPES), ethernet_mac_address: mac }).catchall(json),
    z
      .object({
        ...linkBase,
        type: z.literal("bond"),
        ethernet_mac_address: mac,
        bond_mode: z.enum(BOND_MODES),
        bond_links: z.array(text),
      })
      .catchall(json),
    z
      .object({ ...linkBase, type: z.literal("vlan"), vlan_mac_address: mac, vlan_id: z.int(), vlan_link: text })
      .catchall(json),
  ],
  { error: `must be one of ${[...LINK_TYPES, "bond", "vlan"].join(", ")}` },
);

const withoutPrefix = (address: string) => address.replace(/\/[0-9]{1,2}$/, "");
const ipv4 = text.refine(isIPv4, "must be an IPv4 address");
const ipv6 = text.refine(isIPv6, "must be an IPv6 address");
const ipv6Host = text.refine((value) => isIPv6(withoutPrefix(value)), "must be an IPv6 address");
const ipv4Mask = ipv4.refine(
  (value) =>
    /^1*0*$/.test(
      value
        .split(".")
        .map((part) => Number(part).toString(2).padStart(8, "0"))
        .join(""),
    ),
  "must be an IPv4 network mask",
);
const service = (address: z.ZodType<string>) => z.object({ type: z.literal("dns"), address }).catchall(json);

function network(
  types: [string, ...string[]],
  host: z.ZodType<string>,
  mask: z.ZodType<string>,
  address: z.ZodType<string>,
) {
  const route = z
    .object({ network: address, netmask: mask, gateway: address, services: z.array(service(address)).optional() })
    .catchall(json);
  return z
    .object({
      id: text,
      link: text,
      network_id: text,
      type: z.enum(types),
      ip_address: host.optional(),
      netmask: mask.optional(),
      routes: z.array(route).optional(),
    })
    .catchall(json);
}

const networks = z.discriminatedUnion(
  "type",
  [
    network(["ipv4", "ipv4_dhcp"], ipv4, ipv4Mask, ipv4),
    network(["ipv6", "ipv6_dhcp", "ipv6_slaac"], ipv6Host, ipv6, ipv6),
  ],
  { error: "must be ipv4, ipv4_dhcp, ipv6, ipv6_dhcp or ipv6_slaac" },
);

/** What network_data.json may hold: links, networks and services, every one of them required. */
export const networkData = z
  .object({
    links: z.array(link),
    networks: z.array(networks),
    services: z.array(service(z.union([ipv4, ipv6], { error: "must be an IP address" }))),
  })
  .catchall(json);
