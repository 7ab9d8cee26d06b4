import { Refusal } from "#drive/refusal.js";

/** Where a database server is, and who asks. Never shows the password. */
export class ServerAddress {
  readonly #password: string;

  constructor(
    readonly kind: "postgresql" | "mariadb",
    readonly host: string,
    /** Unset: the server's usual one. */
    readonly port: number | undefined,
    readonly user: string,
    password: string,
    readonly database: string,
    readonly options: ReadonlyMap<string, string>,
  ) {
    this.#password = password;
  }

  /** Only for the driver. */
  revealPassword(): string {
    return this.#password;
  }

  /** The server and the database, for messages. */
  toString(): string {
    const { host, port, kind, database } = this;
    const address = host.includes(":") ? `[${host}]` : host;
    return `${kind}://${address}${port === undefined ? "" : `:${port}`}/${database}`;
  }
}

const grammar =
  /^(?<scheme>[a-z]+)(?:\+[a-z0-9_]+)?:\/\/(?:(?<user>[^:/@?]*)(?::(?<password>[^@/?]*))?@)?(?:\[(?<ipv6>[0-9a-f:.%]+)\]|(?<name>[^/:?@,[\]]*))(?::(?<port>[0-9]{1,5}))?\/(?<database>[^?/]+)(?:\?(?<query>.*))?$/i;

const kinds: Readonly<Record<string, ServerAddress["kind"]>> = {
  postgresql: "postgresql",
  postgres: "postgresql",
  mysql: "mariadb",
  mariadb: "mariadb",
};

/**
 * Reads `scheme[+driver]://user[:password]@host[:port]/database[?option=value&…]` as SQLAlchemy, and so oslo.db, has it; the
 * driver after the plus is Python's and means nothing here. User, password and database are percent-decoded. `undefined` for a
 * scheme that names no database server.
 * Refusals: INVALID_ARGUMENT naming the part that is wrong; nothing of the URL but its scheme is told, as it may be a password.
 */
export function parseServerUrl(url: string): ServerAddress | undefined {
  const kind = kinds[/^([a-z]+)(?:\+[a-z0-9_]+)?:/i.exec(url)?.[1]?.toLowerCase() ?? ""];
  if (kind === undefined) return undefined;
  const parts = grammar.exec(url)?.groups;
  if (parts === undefined) {
    throw badConnection(
      `must be ${kind}://user:password@host:port/database; in user and password, / is written %2F, @ %40, : %3A, ? %3F and % %25`,
    );
  }
  const { user = "", password = "", ipv6, name = "", port, database = "", query = "" } = parts;
  if (user === "") throw badConnection("names no user");
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
    throw badConnection("port: must be a number from 1 to 65535");
  }
  return new ServerAddress(
    kind,
    ipv6 ?? (name === "" ? "localhost" : name),
    port === undefined ? undefined : Number(port),
    decoded("user", user),
    decoded("password", password),
    decoded("database", database),
    optionsOf(query),
  );
}

/** What a connection URL is refused with. */
export function badConnection(rule: string): Refusal {
  return new Refusal("INVALID_ARGUMENT", `[catalog] connection: ${rule}`, {
    violations: [{ field: "connection", rule }],
  });
}

/** Refuses an option that is not known: one that is passed over may be the one that made the connection safe. */
export function checkOptions({ options, kind }: ServerAddress, known: readonly string[]): void {
  for (const name of options.keys()) {
    if (known.includes(name)) continue;
    const shown = /^[a-z_]{1,40}$/.test(name) ? name : "(not shown)";
    throw badConnection(`option ${shown} is not known for ${kind}; known are ${known.join(", ")}`);
  }
}

function decoded(part: string, text: string): string {
  try {
    const value = decodeURIComponent(text);
    if (value.includes("\0")) throw badConnection(`${part}: must hold no zero byte`);
    return value;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw badConnection(`${part}: is not percent-encoded UTF-8; a % itself is written %25`);
  }
}

function optionsOf(query: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (options.has(name)) throw badConnection("has an option twice");
    options.set(name, value);
  }
  return options;
}
