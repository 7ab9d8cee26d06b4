import { Secret } from "../secret.js";
import { BusConfigError } from "./bus-config-error.js";
import { percentDecode } from "./percent-decode.js";

/** One broker of a transport URL, with the login that is used there. */
export interface TransportHost {
  /** Name or address; an IPv6 address without its brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: Secret;
  /** False where the URL gives this host no login, so that guest/guest is tried: logins are not inherited from the host before. */
  readonly ownLogin: boolean;
}

/** A transport URL, read. */
export interface TransportUrl {
  /** At least one. */
  readonly hosts: readonly TransportHost[];
  readonly virtualHost: string;
  /** Options of `[oslo_messaging_rabbit]` that the URL sets over the files. */
  readonly query: ReadonlyMap<string, string>;
}

const name = "transport_url";
const defaultPort = 5672;
const grammar = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?(?:#.*)?$/s;

/**
 * Reads `rabbit://[user[:pass]@]host[:port][,…]/vhost[?option=value&…]` by the rules of wire §14.1.
 * @throws BusConfigError naming the part that is wrong; its message never repeats text of the URL
 */
export function parseTransportUrl(url: string): TransportUrl {
  const parts = grammar.exec(url.trim());
  if (parts === null) throw new BusConfigError(name, "must have the form rabbit://user:password@host:port/vhost");
  const driver = parts[1]?.toLowerCase() ?? "";
  if (driver !== "rabbit" && driver !== "kombu") {
    throw new BusConfigError(`${name}: driver`, "must be rabbit (or its old name kombu)");
  }
  const named = (parts[2] ?? "").split(",").filter((host) => host !== "");
  const hosts = named.map((host, index) => parseHost(host, `${name}: host ${index + 1} of ${named.length}`));
  return {
    hosts: hosts.length > 0 ? hosts : [localhost()],
    virtualHost: parseVirtualHost(parts[3] ?? ""),
    query: parseQuery(parts[4] ?? ""),
  };
}

/** The URL as it may be shown: no password, no query. */
export function describeTransportUrl(url: TransportUrl): string {
  const hosts = url.hosts.map(({ hostname, port, username }) => {
    const address = hostname.includes(":") ? `[${hostname}]` : hostname;
    return `${encodeURIComponent(username)}:***@${address}:${port}`;
  });
  return `rabbit://${hosts.join(",")}/${encodeURIComponent(url.virtualHost)}`;
}

function localhost(): TransportHost {
  return { ...guest(), hostname: "localhost", port: defaultPort };
}

function guest(): { username: string; password: Secret; ownLogin: false } {
  return { username: "guest", password: new Secret("guest"), ownLogin: false };
}

/** A login ends at the last `@`; its user ends at the first `:`. */
function parseHost(host: string, where: string): TransportHost {
  const at = host.lastIndexOf("@");
  const login = at === -1 ? guest() : parseLogin(host.slice(0, at));
  return { ...login, ...parseAddress(host.slice(at + 1), where) };
}

/** An empty user or password is guest, as it is in the library beneath Python's driver. */
function parseLogin(login: string): { username: string; password: Secret; ownLogin: true } {
  const colon = login.indexOf(":");
  const user = percentDecode(colon === -1 ? login : login.slice(0, colon));
  const password = colon === -1 ? "" : percentDecode(login.slice(colon + 1));
  return { username: user || "guest", password: new Secret(password || "guest"), ownLogin: true };
}

function parseAddress(address: string, where: string): { hostname: string; port: number } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/s.exec(address);
  if (bracketed !== null) return { hostname: checkHostname(bracketed[1], where), port: parsePort(bracketed[2], where) };
  if (/^[0-9a-fA-F]*:[0-9a-fA-F]*:/.test(address)) {
    throw new BusConfigError(`${where}: name`, "an IPv6 address must stand in brackets");
  }
  const colon = address.indexOf(":");
  if (colon === -1) return { hostname: checkHostname(address, where), port: defaultPort };
  return { hostname: checkHostname(address.slice(0, colon), where), port: parsePort(address.slice(colon + 1), where) };
}

function checkHostname(hostname: string | undefined, where: string): string {
  if (hostname === undefined || hostname === "") return "localhost";
  if (!/^[A-Za-z0-9._:%-]+$/.test(hostname)) {
    throw new BusConfigError(`${where}: name`, "is not a host name or address");
  }
  return hostname;
}

function parsePort(port: string | undefined, where: string): number {
  if (port === undefined || port === "") return defaultPort;
  const number = /^[0-9]{1,5}$/.test(port) ? Number(port) : 0;
  if (number >= 1 && number <= 65535) return number;
  throw new BusConfigError(
    `${where}: port`,
    "must be a number from 1 to 65535 (write / as %2F, ? as %3F, # as %23 and , as %2C in user and password)",
  );
}

function parseVirtualHost(path: string): string {
  const written = path.slice(1);
  if (written.includes("@")) {
    throw new BusConfigError(
      `${name}: virtual host`,
      "holds an @: write / as %2F in user and password, or this @ as %40",
    );
  }
  return percentDecode(written) || "/";
}

/** Repeated names are joined by a comma; a name without a value is left out, as Python's parser leaves it. */
function parseQuery(query: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const [option, value] of new URLSearchParams(query)) {
    if (value === "") continue;
    const before = options.get(option);
    options.set(option, before === undefined ? value : `${before},${value}`);
  }
  return options;
}
