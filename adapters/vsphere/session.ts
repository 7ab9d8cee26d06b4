import type { Readable } from "node:stream";
import type { Element } from "@xmldom/xmldom";
import { abortable } from "../abortable.js";
import { Unreachable } from "../http-exchange.js";
import type { Answer, Exchange, Line } from "./endpoint.js";
import { AnswerError, childOf, element, envelope, type Reference, readAnswer, referenceIn, VimFault } from "./vim.js";

/** Who calls. The password goes on the wire at a login, and nowhere else. */
export interface Credentials {
  readonly user: string;
  readonly password: { reveal(): string };
}

/** A vCenter's managers, as it names them (ServiceContent). */
export interface Managers {
  readonly sessions: Reference;
  readonly properties: Reference;
  readonly search: Reference;
  readonly files: Reference;
}

interface Opened {
  readonly cookie: string;
  readonly managers: Managers;
}

const SERVICE: Reference = { type: "ServiceInstance", value: "ServiceInstance" };
const COOKIE = "vmware_soap_session";

/**
 * One session on a vCenter for all that this process does. It is opened when it is needed, and again when vCenter has ended it:
 * a session ends by idling (30 minutes, usually), by an administrator, or with vCenter.
 */
export class Session {
  #opened: Promise<Opened> | undefined;

  /** @param answerMs - for each answer */
  constructor(
    private readonly line: Line,
    private readonly credentials: Credentials,
    readonly answerMs: number,
  ) {}

  /** Calls a method of a manager or an object. Throws VimFault, Unreachable, AnswerError, and the signal's reason. */
  async call(
    method: string,
    target: Reference | ((managers: Managers) => Reference),
    body: string,
    signal: AbortSignal,
  ): Promise<Element> {
    return await this.#renewed(signal, async ({ cookie, managers }) => {
      const on = typeof target === "function" ? target(managers) : target;
      return readAnswer(await this.#soap(method, on, body, cookie, signal));
    });
  }

  /** Writes a file of a datastore (`PUT /folder`), for as long as the caller waits. */
  async upload(path: string, bytes: () => Readable, sizeBytes: number, signal: AbortSignal): Promise<void> {
    await this.#renewed(signal, async ({ cookie }) => {
      const headers = { cookie, "content-length": sizeBytes, "content-type": "application/octet-stream" };
      const { status } = await this.line.send({ method: "PUT", path, headers, body: bytes() }, signal);
      if (status === 401) throw new VimFault("NotAuthenticated", "the upload wants a login");
      if (status === 404) throw new VimFault("InvalidDatastore", "the upload found no such datastore");
      if (status === 507) throw new VimFault("NoDiskSpace", "the upload found no space");
      if (status !== 200 && status !== 201) throw new Unreachable(`it answers an upload with status ${status}`);
    });
  }

  /** Leaves vCenter; a session that is left behind counts against its limit. */
  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    if (opened !== undefined) {
      const limit = AbortSignal.timeout(this.answerMs);
      // A vCenter that is away ends it by itself.
      await this.#soap("Logout", opened.managers.sessions, "", opened.cookie, limit).catch(() => undefined);
    }
    await this.line.close();
  }

  /** Does something in a session; where vCenter no longer knows that, in the next one. */
  async #renewed<T>(signal: AbortSignal, work: (opened: Opened) => Promise<T>): Promise<T> {
    const opening = this.#open();
    const opened = await abortable(opening, signal);
    try {
      return await work(opened);
    } catch (error) {
      if (!(error instanceof VimFault && error.type === "NotAuthenticated")) throw error;
      if (this.#opened === opening) this.#opened = undefined;
      return await work(await abortable(this.#open(), signal));
    }
  }

  #open(): Promise<Opened> {
    if (this.#opened !== undefined) return this.#opened;
    const opening = this.#login();
    this.#opened = opening;
    opening.catch(() => {
      if (this.#opened === opening) this.#opened = undefined;
    });
    return opening;
  }

  /** Asks for the managers, then logs in. No caller's signal ends it, since all of them wait for it. */
  async #login(): Promise<Opened> {
    const limit = AbortSignal.timeout(2 * this.answerMs);
    const content = childOf(
      readAnswer(await this.#soap("RetrieveServiceContent", SERVICE, "", undefined, limit)),
      "returnval",
    );
    const manager = (name: string) => {
      const found = referenceIn(childOf(content, name));
      if (found === undefined) throw new AnswerError(`a vCenter without ${name}`);
      return found;
    };
    const managers = {
      sessions: manager("sessionManager"),
      properties: manager("propertyCollector"),
      search: manager("searchIndex"),
      files: manager("fileManager"),
    };
    const { user, password } = this.credentials;
    const body = element("userName", user) + element("password", password.reveal());
    const answer = await this.#post("Login", managers.sessions, body, undefined, limit);
    readAnswer(answer.text);
    const cookie = answer.cookies.map((set) => set.split(";")[0] ?? "").find((pair) => pair.startsWith(`${COOKIE}=`));
    if (cookie === undefined) throw new AnswerError("a login without a session");
    return { cookie, managers };
  }

  async #soap(
    method: string,
    target: Reference,
    body: string,
    cookie: string | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    return (await this.#post(method, target, body, cookie, signal)).text;
  }

  async #post(
    method: string,
    target: Reference,
    body: string,
    cookie: string | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const limit = AbortSignal.timeout(this.answerMs);
    const headers = {
      "content-type": 'text/xml; charset="utf-8"',
      soapaction: "urn:vim25/6.0",
      ...(cookie === undefined ? {} : { cookie }),
    };
    const exchange: Exchange = { method: "POST", path: "/sdk", headers, body: envelope(method, target, body) };
    try {
      const answer = await this.line.send(exchange, AbortSignal.any([signal, limit]));
      // A fault comes with 500; everything else is not vCenter's own.
      if (answer.status === 200 || (answer.status === 500 && answer.text.includes("Fault"))) return answer;
      throw new Unreachable(`it answers ${method} with status ${answer.status}`);
    } catch (error) {
      if (limit.aborted && !signal.aborted) {
        throw new Unreachable(`it did not answer ${method} within ${this.answerMs} ms`, { cause: error });
      }
      throw error;
    }
  }
}
