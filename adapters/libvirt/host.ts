import { Refusal } from "#drive/refusal.js";
import { AnswerLimit } from "../answer-limit.js";
import { refusalFromSignal } from "../wait-ended.js";
import { Connection } from "./connection.js";
import type { Descriptions } from "./descriptions.js";
import type { Endpoint } from "./dial.js";
import { refusalFrom } from "./refusals.js";
import { AUTH_NAMES, AUTH_NONE, type Procedure } from "./remote-program.js";
import type { UnplugRequests } from "./unplug-requests.js";
import { placeOf } from "./uri.js";
import { type XdrReader, XdrWriter } from "./xdr.js";

/** Limits in milliseconds. */
export interface Limits {
  /** For each of libvirt's answers. */
  readonly answerMs: number;
  /** For a guest to let a device go. */
  readonly unplugMs: number;
}

/** What is done for which instance, and until when. */
export interface Use {
  readonly instanceId: string;
  readonly limits: Limits;
  /** What guests were asked for, also by earlier uses. */
  readonly requests: UnplugRequests;
  /** What libvirt said of domains, also in earlier uses. */
  readonly descriptions: Descriptions;
  readonly signal: AbortSignal;
}

const MAX_AUTH_TYPES = 20;
const nothing = () => undefined;

/** One connection to a daemon on behalf of one instance; what goes wrong comes out as a `Refusal`. */
export class Host implements Disposable {
  /** @param connection - one on which the driver was opened, as `open` does */
  constructor(
    readonly use: Use,
    readonly connection: Connection,
  ) {}

  /** Connects and asks for the driver. Refuses with HYPERVISOR_UNREACHABLE where the daemon wants to know who we are. */
  static async open(endpoint: Endpoint, use: Use): Promise<Host> {
    const { instanceId } = use;
    const connection = await limited(use, `connecting to libvirt for ${instanceId}`, (until) =>
      Connection.connect(endpoint, until),
    );
    try {
      const host = new Host(use, connection);
      await host.#openDriver(endpoint);
      return host;
    } catch (error) {
      // Nothing has begun for this client yet.
      await connection.close(0);
      throw error;
    }
  }

  /** The same connection under another signal. */
  until(signal: AbortSignal): Host {
    return new Host({ ...this.use, signal }, this.connection);
  }

  /** One call, within `answerMs`. */
  async call<T>(procedure: Procedure, args: XdrWriter, read: (reader: XdrReader) => T): Promise<T> {
    return await limited(this.use, `${procedure} for instance ${this.use.instanceId}`, (until) =>
      this.connection.call(procedure, args.bytes(), read, until),
    );
  }

  /** A call that sends a stream of bytes. It may take as long as the caller waits. */
  async send(procedure: Procedure, args: XdrWriter, pieces: AsyncIterable<Buffer>): Promise<void> {
    const { signal, instanceId } = this.use;
    try {
      await this.connection.send(procedure, args.bytes(), pieces, signal);
    } catch (error) {
      if (signal.aborted) throw refusalFromSignal(signal, `${procedure} for instance ${instanceId}`);
      throw refusalFrom(error, instanceId);
    }
  }

  /** A call whose outcome does not matter; the connection waits for its answer before it closes. */
  tell(procedure: Procedure, args: XdrWriter): void {
    const limit = AbortSignal.timeout(this.use.limits.answerMs);
    this.connection.call(procedure, args.bytes(), nothing, limit).catch(() => undefined);
  }

  /** Hears one kind of event message until the listener is disposed. */
  listen(procedure: number, heard: (reader: XdrReader) => void): Disposable {
    return this.connection.listen(procedure, heard);
  }

  /** Closes the connection once libvirt has answered what was given up, or has had its time for it (`Connection.close`). */
  async close(): Promise<void> {
    await this.connection.close();
  }

  /** Lets the connection close; no caller waits for what was given up. */
  [Symbol.dispose](): void {
    void this.close();
  }

  async #openDriver({ uri }: Endpoint): Promise<void> {
    const offered = await this.call("authList", new XdrWriter(), (reader) =>
      reader.list(MAX_AUTH_TYPES, (inner) => inner.int()),
    );
    if (!offered.includes(AUTH_NONE)) {
      const names = offered.map((type) => AUTH_NAMES[type] ?? String(type)).join(" or ");
      throw new Refusal(
        "HYPERVISOR_UNREACHABLE",
        `libvirt at ${placeOf(uri)} wants authentication by ${names}; it must take this service without (auth_unix_rw, auth_tcp or auth_tls = "none" in its configuration), over TLS by the service's certificate`,
        { metadata: { hypervisor: "libvirt", instance_id: this.use.instanceId } },
      );
    }
    const args = new XdrWriter().optional<string>(uri.driver, (writer, name) => writer.string(name)).uint(0);
    await this.call("connectOpen", args, nothing);
  }
}

/** Lets work take `answerMs` and not longer than the caller's signal allows; errors come out as refusals. */
async function limited<T>(
  { instanceId, limits, signal }: Use,
  doing: string,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T> {
  using limit = new AnswerLimit(signal, limits.answerMs);
  try {
    return await work(limit.signal);
  } catch (error) {
    if (signal.aborted) throw refusalFromSignal(signal, doing);
    if (limit.passed) {
      throw new Refusal("HYPERVISOR_UNREACHABLE", `libvirt did not answer within ${limits.answerMs} ms: ${doing}`, {
        metadata: { hypervisor: "libvirt", instance_id: instanceId },
        cause: error,
      });
    }
    throw refusalFrom(error, instanceId);
  }
}
