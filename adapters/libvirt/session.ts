import { Refusal } from "#drive/refusal.js";
import { refusalFromSignal } from "../wait-ended.js";
import { Connection } from "./connection.js";
import { type DomainDescription, parseDescription } from "./domain-xml.js";
import { hasCode, refusalFrom } from "./refusals.js";
import {
  AFFECT_CONFIG,
  AFFECT_LIVE,
  AUTH_NONE,
  DEVICE_REMOVED_EVENT,
  DEVICE_REMOVED_MESSAGE,
  type DomainReference,
  errorCodes,
  MAX_STRING_BYTES,
  type Procedure,
  readDeviceRemoved,
  readDomain,
  writeDomain,
  XML_INACTIVE,
} from "./remote-program.js";
import type { LibvirtUri } from "./uri.js";
import { type XdrReader, XdrWriter } from "./xdr.js";

/** Limits in milliseconds. */
export interface Limits {
  /** For each of libvirt's answers. */
  readonly answerMs: number;
  /** For a guest to let a device go. */
  readonly unplugMs: number;
}

/** The two descriptions of a domain: what runs now, and what the next start will use. */
export type View = "live" | "config";

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const AFFECT: Readonly<Record<View, number>> = { live: AFFECT_LIVE, config: AFFECT_CONFIG };
const MAX_AUTH_TYPES = 20;
const nothing = () => undefined;
const yesOrNo = (reader: XdrReader) => reader.int() === 1;

/** One use of one domain, from connect to close; what goes wrong comes out as a `Refusal`. */
export class Session implements AsyncDisposable {
  private constructor(
    readonly instanceId: string,
    readonly limits: Limits,
    readonly signal: AbortSignal,
    private readonly connection: Connection,
    private readonly domain: DomainReference,
    /** Which descriptions the domain has: the live one when it runs, the stored one when it is persistent. */
    readonly views: readonly View[],
  ) {}

  /** Connects and finds the domain: by UUID when the instance's id is one, otherwise, or when there is none, by name. */
  static async open(instanceId: string, uri: LibvirtUri, limits: Limits, signal: AbortSignal): Promise<Session> {
    let connection: Connection | undefined;
    try {
      connection = await limited(
        limits.answerMs,
        signal,
        `connecting to libvirt for ${instanceId}`,
        instanceId,
        (until) => Connection.connect(uri.socket, until),
      );
      const none: DomainReference = { name: "", uuid: Buffer.alloc(16), id: -1 };
      const host = new Session(instanceId, limits, signal, connection, none, []);
      await host.#openDriver(uri);
      const domain = await host.#lookUp();
      const persistent = await new Session(instanceId, limits, signal, connection, domain, []).#isPersistent();
      const views: View[] = [
        ...(domain.id === -1 ? [] : ["live" as const]),
        ...(persistent ? ["config" as const] : []),
      ];
      return new Session(instanceId, limits, signal, connection, domain, views);
    } catch (error) {
      await connection?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What libvirt says about the domain now. */
  async describe(view: View): Promise<DomainDescription> {
    const args = this.#domainArgs().uint(view === "live" ? 0 : XML_INACTIVE);
    return parseDescription(await this.#call("domainGetXmlDesc", args, (reader) => reader.string(MAX_STRING_BYTES)));
  }

  /** Adds the device that the XML tells of. */
  async attachDevice(view: View, xml: string): Promise<void> {
    await this.#call("domainAttachDeviceFlags", this.#domainArgs().string(xml).uint(AFFECT[view]), nothing);
  }

  /** Asks for a device to go. From a running domain it goes later, or never: success is no proof. */
  async detachDevice(view: View, alias: string): Promise<void> {
    await this.#call("domainDetachDeviceAlias", this.#domainArgs().string(alias).uint(AFFECT[view]), nothing);
  }

  /** Hears, from now on, which devices the running domain has let go. */
  async hearRemovals(heard: (alias: string) => void): Promise<Disposable> {
    const listening = this.connection.listen(DEVICE_REMOVED_MESSAGE, (reader) => {
      const { domain, alias } = readDeviceRemoved(reader);
      if (domain.uuid.equals(this.domain.uuid)) heard(alias);
    });
    const args = new XdrWriter().int(DEVICE_REMOVED_EVENT).optional(this.domain, writeDomain);
    try {
      await this.#call("domainEventRegister", args, (reader) => reader.int());
    } catch (error) {
      listening[Symbol.dispose]();
      throw error;
    }
    return listening;
  }

  /**
   * Takes steps back after a failure, within `unplugMs` and two answers even when the caller has given up. What is left over
   * otherwise is found by the next attach, detach or observe.
   */
  async undo(steps: (session: Session) => Promise<unknown>): Promise<void> {
    const { instanceId, limits, connection, domain, views } = this;
    const signal = AbortSignal.timeout(limits.unplugMs + 2 * limits.answerMs);
    try {
      await steps(new Session(instanceId, limits, signal, connection, domain, views));
    } catch {
      // The failure that led here is the one to tell.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
  }

  async #openDriver(uri: LibvirtUri): Promise<void> {
    const offered = await this.#call("authList", new XdrWriter(), (reader) =>
      reader.list(MAX_AUTH_TYPES, (inner) => inner.int()),
    );
    if (!offered.includes(AUTH_NONE)) {
      throw new Refusal(
        "HYPERVISOR_UNREACHABLE",
        `libvirt at ${uri.socket} wants authentication (types ${offered.join(", ")}); it must take this service without one`,
        { metadata: { hypervisor: "libvirt", instance_id: this.instanceId } },
      );
    }
    const args = new XdrWriter().optional<string>(uri.driver, (writer, name) => writer.string(name)).uint(0);
    await this.#call("connectOpen", args, nothing);
  }

  async #lookUp(): Promise<DomainReference> {
    if (UUID.test(this.instanceId)) {
      const uuid = Buffer.from(this.instanceId.replaceAll("-", ""), "hex");
      try {
        return await this.#call("domainLookupByUuid", new XdrWriter().fixedOpaque(uuid), readDomain);
      } catch (error) {
        if (!hasCode(error, errorCodes.noDomain)) throw error;
      }
    }
    return await this.#call("domainLookupByName", new XdrWriter().string(this.instanceId), readDomain);
  }

  #isPersistent(): Promise<boolean> {
    return this.#call("domainIsPersistent", this.#domainArgs(), yesOrNo);
  }

  #domainArgs(): XdrWriter {
    return writeDomain(new XdrWriter(), this.domain);
  }

  async #call<T>(procedure: Procedure, args: XdrWriter, read: (reader: XdrReader) => T): Promise<T> {
    const { limits, signal, instanceId } = this;
    return await limited(limits.answerMs, signal, `${procedure} for instance ${instanceId}`, instanceId, (until) =>
      this.connection.call(procedure, args.bytes(), read, until),
    );
  }
}

/** Lets work take so many milliseconds and not longer than the caller's signal allows; errors come out as refusals. */
async function limited<T>(
  ms: number,
  signal: AbortSignal,
  doing: string,
  instanceId: string,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(ms);
  try {
    return await work(AbortSignal.any([signal, limit]));
  } catch (error) {
    if (signal.aborted) throw refusalFromSignal(signal, doing);
    if (limit.aborted) {
      throw new Refusal("HYPERVISOR_UNREACHABLE", `libvirt did not answer within ${ms} ms: ${doing}`, {
        metadata: { hypervisor: "libvirt", instance_id: instanceId },
        cause: error,
      });
    }
    throw refusalFrom(error, instanceId);
  }
}
