import { Connection } from "#adapters/libvirt/connection.js";
import type { Endpoint } from "#adapters/libvirt/dial.js";
import {
  type DomainReference,
  readDomain,
  readPool,
  readVolume,
  writeDomain,
  writePool,
} from "#adapters/libvirt/remote-program.js";
import { type XdrReader, XdrWriter } from "#adapters/libvirt/xdr.js";

const WAIT_MS = 30_000;
const wait = () => AbortSignal.timeout(WAIT_MS);
const nothing = () => undefined;

/** What a caller of libvirt other than us does with its domains. Each call has a connection of its own. */
export class LibvirtHost {
  constructor(readonly endpoint: Endpoint) {}

  /** Starts a domain that is forgotten when it ends. */
  async create(xml: string): Promise<void> {
    await using connection = await this.connect();
    await connection.call("domainCreateXml", new XdrWriter().string(xml).uint(0).bytes(), readDomain, wait());
  }

  /** Stores a description of a domain, which is also how a running one becomes persistent. */
  async define(xml: string): Promise<void> {
    await using connection = await this.connect();
    await connection.call("domainDefineXml", new XdrWriter().string(xml).bytes(), readDomain, wait());
  }

  /** Starts a domain that is shut off. */
  async startDomain(uuid: string): Promise<void> {
    await this.tell("domainCreate", uuid);
  }

  /** Switches a domain off. */
  async destroyDomain(uuid: string): Promise<void> {
    await this.tell("domainDestroy", uuid);
  }

  /** Lets a domain's processor stand still. */
  async suspendDomain(uuid: string): Promise<void> {
    await this.tell("domainSuspend", uuid);
  }

  async resumeDomain(uuid: string): Promise<void> {
    await this.tell("domainResume", uuid);
  }

  /** The description of the running domain, or of its next start. */
  async xml(uuid: string, which: "live" | "config"): Promise<string> {
    await using connection = await this.connect();
    const domain = await lookUp(connection, uuid);
    const args = writeDomain(new XdrWriter(), domain).uint(which === "live" ? 0 : 2);
    return await connection.call("domainGetXmlDesc", args.bytes(), (reader) => reader.string(2 ** 22), wait());
  }

  /** Makes an active pool of a folder on the daemon's host. */
  async makePool(name: string, directory: string): Promise<void> {
    await using connection = await this.connect();
    const xml = `<pool type="dir"><name>${name}</name><target><path>${directory}</path></target></pool>`;
    await connection.call("storagePoolCreateXml", new XdrWriter().string(xml).uint(0).bytes(), readPool, wait());
  }

  /** Makes a volume of so many zeros. */
  async makeVolume(pool: string, name: string, bytes: number): Promise<void> {
    await using connection = await this.connect();
    const asked = new XdrWriter().string(pool).bytes();
    const found = await connection.call("storagePoolLookupByName", asked, readPool, wait());
    const xml = `<volume><name>${name}</name><capacity>${bytes}</capacity></volume>`;
    const args = writePool(new XdrWriter(), found).string(xml).uint(0).bytes();
    await connection.call("storageVolCreateXml", args, readVolume, wait());
  }

  /** The UUIDs of all its domains, running or not. */
  async domains(): Promise<readonly string[]> {
    await using connection = await this.connect();
    const args = new XdrWriter().int(1).uint(0).bytes();
    const found = await connection.call("connectListAllDomains", args, listed, wait());
    return found.map(({ uuid }) => uuid.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"));
  }

  /** The daemon's version, such as `9.0.0`. */
  async version(): Promise<string> {
    await using connection = await this.connect();
    const number = await connection.call("connectGetLibVersion", Buffer.alloc(0), (reader) => reader.uhyper(), wait());
    return [Math.floor(number / 1e6), Math.floor(number / 1e3) % 1e3, number % 1e3].join(".");
  }

  /** A connection on which domains can be named. */
  protected async connect(): Promise<Connection> {
    const connection = await Connection.connect(this.endpoint, wait());
    await connection.call("authList", Buffer.alloc(0), (reader) => reader.list(20, (inner) => inner.int()), wait());
    const args = new XdrWriter()
      .optional<string>(this.endpoint.uri.driver, (writer, name) => writer.string(name))
      .uint(0);
    await connection.call("connectOpen", args.bytes(), nothing, wait());
    return connection;
  }

  private async tell(
    procedure: "domainCreate" | "domainDestroy" | "domainSuspend" | "domainResume",
    uuid: string,
  ): Promise<void> {
    await using connection = await this.connect();
    const domain = await lookUp(connection, uuid);
    await connection.call(procedure, writeDomain(new XdrWriter(), domain).bytes(), nothing, wait());
  }
}

async function lookUp(connection: Connection, uuid: string): Promise<DomainReference> {
  const bytes = Buffer.from(uuid.replaceAll("-", ""), "hex");
  return await connection.call("domainLookupByUuid", new XdrWriter().fixedOpaque(bytes).bytes(), readDomain, wait());
}

/** The domains, and then their number once more (remote_connect_list_all_domains_ret). */
function listed(reader: XdrReader): readonly DomainReference[] {
  const domains = reader.list(1000, readDomain);
  reader.uint();
  return domains;
}
