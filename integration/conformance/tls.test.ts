import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import type { Database } from "#catalog/database.js";
import { openDatabase } from "#catalog/open.js";
import { SqlCatalog } from "#catalog/sql-catalog.js";
import { type Certificates, makeCertificates } from "../rigs/certificates.js";
import { password } from "../rigs/database-server.js";
import { type Databases, startDatabases } from "../rigs/databases.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { newDrive, stored } from "./records.js";

const owner = { pid: 1, host: "h", since: "2026-01-02T03:04:05.678Z" };
let home = "";
let ours: Certificates;
let strangers: Certificates;

beforeAll(async () => {
  home = await privateDirectory("tls");
  const made = ["ours", "strangers"].map(async (name) => {
    await mkdir(join(home, name));
    return await makeCertificates(join(home, name));
  });
  const [first, second] = await Promise.all(made);
  if (first === undefined || second === undefined) throw new Error("no certificates");
  [ours, strangers] = [first, second];
}, 60_000);
afterAll(() => rm(home, { recursive: true, force: true }), 60_000);

/** How each kind writes what it wants of TLS. */
const words = {
  postgresql: {
    none: () => "sslmode=disable",
    encrypted: () => "sslmode=require",
    byAuthority: (authority: string) => `sslmode=verify-ca&sslrootcert=${authority}`,
    byName: (authority: string) => `sslrootcert=${authority}`,
    own: ({ certificate, key }: Certificates["client"]) => `&sslcert=${certificate}&sslkey=${key}`,
    cipher: sql<{ cipher: string }>`select cipher from pg_stat_ssl where pid = pg_backend_pid()`,
  },
  mariadb: {
    none: () => "ssl_disabled=true",
    encrypted: () => "ssl_verify_cert=false",
    byAuthority: (authority: string) => `ssl_ca=${authority}`,
    byName: (authority: string) => `ssl_ca=${authority}&ssl_verify_identity=true`,
    own: ({ certificate, key }: Certificates["client"]) => `&ssl_cert=${certificate}&ssl_key=${key}`,
    cipher: sql<{ cipher: string }>`select variable_value as cipher
      from information_schema.session_status where variable_name = 'ssl_cipher'`,
  },
} as const;

describe.each(["postgresql", "mariadb"] as const)("a catalog on %s that takes nothing but TLS", (kind) => {
  const say = words[kind];
  let databases: Databases;
  let url: URL;

  beforeAll(async () => {
    databases = await startDatabases(kind, { tls: { certificates: ours } });
    url = new URL(await databases.createDatabase());
  }, 120_000);
  afterAll(() => databases?.[Symbol.asyncDispose](), 60_000);

  const open = (options: string, host = "localhost"): Promise<Database> => {
    const asked = new URL(url);
    asked.host = `${host}:${url.port}`;
    asked.search = options;
    return openDatabase(asked.href, owner, { newId: randomUUID });
  };
  /** The connection is refused, with a reason that says why and no password. */
  const refused = async (opening: Promise<Database>, why: RegExp) => {
    const failure = await opening.then(
      (database) => database.dispose().then(() => "it was opened"),
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ reason: "CATALOG_FAILED", message: expect.stringMatching(why) });
    expect(String(failure)).not.toContain(password);
    expect(String(failure)).not.toContain(encodeURIComponent(password));
  };

  test("is read and written over a connection that the server says is encrypted", async () => {
    for (const options of [say.encrypted(), say.byAuthority(ours.authority), say.byName(ours.authority)]) {
      const database = await open(options);
      try {
        const { rows } = await say.cipher.execute(database.db);
        expect([options, rows]).toEqual([options, [{ cipher: expect.stringMatching(/^TLS_|^ECDHE/) }]]);
        const catalog = new SqlCatalog(database);
        const record = await stored(catalog, newDrive());
        expect(await catalog.find(record.drive.id)).toEqual(record);
      } finally {
        await database.dispose();
      }
    }
  });

  test("is not reached without TLS", async () => {
    await refused(open(say.none()), kind === "postgresql" ? /no encryption/ : /insecure transport|Access denied/);
  });

  test("is not reached where its certificate is another authority's", async () => {
    await refused(open(say.byAuthority(strangers.authority)), /certificate/);
    await refused(open(say.byName(strangers.authority)), /certificate/);
  });

  test("is reached under a name that its certificate lacks only where the name does not matter", async () => {
    const database = await open(say.byAuthority(ours.authority), "127.0.0.2");
    await database.dispose();
    await expect(open(say.byName(ours.authority), "127.0.0.2")).rejects.toMatchObject({
      // The driver for MariaDB cannot compare addresses, so that one is refused before anybody is asked.
      reason: kind === "postgresql" ? "CATALOG_FAILED" : "INVALID_ARGUMENT",
      message: expect.stringMatching(kind === "postgresql" ? /altnames/ : /host name, not its address/),
    });
  });
});

describe.each(["postgresql", "mariadb"] as const)("a catalog on %s that wants certificates of its clients", (kind) => {
  const say = words[kind];

  test("lets in whoever shows one of the right authority, and nobody else", async () => {
    await using databases = await startDatabases(kind, { tls: { certificates: ours, ofClients: true } });
    const url = new URL(await databases.createDatabase());
    const open = (own: string) => {
      url.hostname = "localhost";
      url.search = `${say.byName(ours.authority)}${own}`;
      return openDatabase(url.href, owner, { newId: randomUUID });
    };
    const database = await open(say.own(ours.client));
    await database.dispose();
    await expect(open("")).rejects.toMatchObject({ reason: "CATALOG_FAILED" });
    await expect(open(say.own(strangers.client))).rejects.toMatchObject({ reason: "CATALOG_FAILED" });
  }, 120_000);
});
