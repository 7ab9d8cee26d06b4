import { Refusal } from "#drive/refusal.js";
import type { DomainDescription } from "./domain-xml.js";
import type { Host, Limits } from "./host.js";
import { hasCode } from "./refusals.js";
import {
  AFFECT_CONFIG,
  AFFECT_LIVE,
  DEVICE_REMOVED_EVENT,
  DEVICE_REMOVED_MESSAGE,
  type DomainReference,
  errorCodes,
  MAX_STRING_BYTES,
  readDeviceRemoved,
  readDomain,
  writeDomain,
  XML_INACTIVE,
} from "./remote-program.js";
import type { UnplugRequests } from "./unplug-requests.js";
import { type XdrReader, XdrWriter } from "./xdr.js";

/** The two descriptions of a domain: what runs now, and what the next start will use. */
export type View = "live" | "config";

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const AFFECT: Readonly<Record<View, number>> = { live: AFFECT_LIVE, config: AFFECT_CONFIG };
const nothing = () => undefined;
const yesOrNo = (reader: XdrReader) => reader.int() === 1;

/** One use of one domain; what goes wrong comes out as a `Refusal`. The connection is its opener's. */
export class Session {
  private constructor(
    readonly host: Host,
    private readonly domain: DomainReference,
    /** Which descriptions the domain has: the live one when it runs, the stored one when it is persistent. */
    readonly views: readonly View[],
  ) {}

  /** Finds the domain: by UUID when the instance's id is one, otherwise, or when there is none, by name. */
  static async open(host: Host): Promise<Session> {
    const domain = await lookUp(host);
    const persistent = await host.call("domainIsPersistent", writeDomain(new XdrWriter(), domain), yesOrNo);
    return new Session(host, domain, [
      ...(domain.id === -1 ? [] : ["live" as const]),
      ...(persistent ? ["config" as const] : []),
    ]);
  }

  get instanceId(): string {
    return this.host.use.instanceId;
  }

  get limits(): Limits {
    return this.host.use.limits;
  }

  get requests(): UnplugRequests {
    return this.host.use.requests;
  }

  get signal(): AbortSignal {
    return this.host.use.signal;
  }

  /**
   * Refuses with INSTANCE_AMBIGUOUS an id that is one domain's UUID and another one's name. It is asked before anything is
   * placed; what stands already is found by the UUID.
   */
  async requireUnambiguous(): Promise<void> {
    const { instanceId } = this;
    if (!UUID.test(instanceId)) return;
    const named = await lookUpByName(this.host).catch((error: unknown) => {
      if (hasCode(error, errorCodes.noDomain)) return undefined;
      throw error;
    });
    if (named === undefined || named.uuid.equals(this.domain.uuid)) return;
    throw new Refusal(
      "INSTANCE_AMBIGUOUS",
      `${instanceId} is the UUID of domain ${this.domain.name} and the name of another one`,
      { metadata: { hypervisor: "libvirt", instance_id: instanceId } },
    );
  }

  /** What libvirt says about the domain now. */
  async describe(view: View): Promise<DomainDescription> {
    const args = this.#domainArgs().uint(view === "live" ? 0 : XML_INACTIVE);
    const xml = await this.host.call("domainGetXmlDesc", args, (reader) => reader.string(MAX_STRING_BYTES));
    return this.host.use.descriptions.of(xml);
  }

  /** Adds the device that the XML tells of. */
  async attachDevice(view: View, xml: string): Promise<void> {
    await this.host.call("domainAttachDeviceFlags", this.#domainArgs().string(xml).uint(AFFECT[view]), nothing);
  }

  /** Asks for a device to go. From a running domain it goes later, or never: success is no proof. */
  async detachDevice(view: View, alias: string): Promise<void> {
    await this.host.call("domainDetachDeviceAlias", this.#domainArgs().string(alias).uint(AFFECT[view]), nothing);
  }

  /** Hears which devices the running domain has let go, until it is disposed; libvirt is then told not to say so any more. */
  async hearRemovals(heard: (alias: string) => void): Promise<Disposable> {
    const listening = this.host.listen(DEVICE_REMOVED_MESSAGE, (reader) => {
      const { domain, alias } = readDeviceRemoved(reader);
      if (domain.uuid.equals(this.domain.uuid)) heard(alias);
    });
    const args = new XdrWriter().int(DEVICE_REMOVED_EVENT).optional(this.domain, writeDomain);
    try {
      const callback = await this.host.call("domainEventRegister", args, (reader) => reader.int());
      return {
        [Symbol.dispose]: () => {
          listening[Symbol.dispose]();
          this.host.tell("domainEventDeregister", new XdrWriter().int(callback));
        },
      };
    } catch (error) {
      listening[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Takes steps back after a failure, within `unplugMs` and two answers even when the caller has given up. What is left over
   * otherwise is found by the next attach, detach or observe.
   */
  async undo(steps: (session: Session) => Promise<unknown>): Promise<void> {
    const { unplugMs, answerMs } = this.limits;
    const host = this.host.until(AbortSignal.timeout(unplugMs + 2 * answerMs));
    try {
      await steps(new Session(host, this.domain, this.views));
    } catch {
      // The failure that led here is the one to tell.
    }
  }

  #domainArgs(): XdrWriter {
    return writeDomain(new XdrWriter(), this.domain);
  }
}

async function lookUp(host: Host): Promise<DomainReference> {
  const { instanceId } = host.use;
  if (UUID.test(instanceId)) {
    const uuid = Buffer.from(instanceId.replaceAll("-", ""), "hex");
    try {
      return await host.call("domainLookupByUuid", new XdrWriter().fixedOpaque(uuid), readDomain);
    } catch (error) {
      if (!hasCode(error, errorCodes.noDomain)) throw error;
    }
  }
  return await lookUpByName(host);
}

async function lookUpByName(host: Host): Promise<DomainReference> {
  return await host.call("domainLookupByName", new XdrWriter().string(host.use.instanceId), readDomain);
}
