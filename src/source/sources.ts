import type { ContentReference, ContentSource } from "#drive/content-source.js";
import type { Wait } from "#drive/hypervisor.js";
import { readFileSource } from "./file.js";
import { AddressForbidden, checkLiteral } from "./guarded-lookup.js";
import { noCredentials, readHttpSource } from "./http.js";
import type { HttpSettings } from "./http-exchange.js";
import type { Patience } from "./resumable.js";
import type { S3Settings, S3Store } from "./s3.js";
import { SourceFailure } from "./source-failure.js";
import { SwiftAccount, type SwiftSettings } from "./swift.js";
import { verified } from "./verified.js";

/** Where content may come from. What is unset is not read from. */
export interface SourceSettings {
  readonly http: HttpSettings & Patience;
  /** Folders that `file://` may read below. */
  readonly fileFolders: readonly string[];
  readonly s3?: S3Settings;
  /** With the rules for the account's own addresses, which are the operator's choice. */
  readonly swift?: { readonly account: SwiftSettings; readonly http: HttpSettings & Patience };
}

/** Reads content by reference, each scheme its own way, every one with the same limit, size and digest checks. */
export class Sources implements ContentSource, Disposable {
  #s3: S3Store | undefined;
  readonly #swift: SwiftAccount | undefined;

  constructor(private readonly settings: SourceSettings) {
    const { swift } = settings;
    this.#swift = swift === undefined ? undefined : new SwiftAccount(swift.account, swift.http);
  }

  get schemes(): readonly string[] {
    const { http, fileFolders, s3, swift } = this.settings;
    return [
      "https",
      ...(http.plain ? ["http"] : []),
      ...(fileFolders.length > 0 ? ["file"] : []),
      ...(s3 === undefined ? [] : ["s3"]),
      ...(swift === undefined ? [] : ["swift"]),
    ];
  }

  check({ url }: ContentReference): void {
    const failure = new SourceFailure(url);
    if (!URL.canParse(url)) throw failure.notAllowed("must be a URL");
    const { protocol, hostname } = new URL(url);
    const scheme = protocol.slice(0, -1);
    if (!this.schemes.includes(scheme)) {
      throw failure.notAllowed(`the scheme ${scheme} is none of those that are configured: ${this.schemes.join(", ")}`);
    }
    if (scheme !== "https" && scheme !== "http") return;
    try {
      checkLiteral(hostname, this.settings.http.addresses);
    } catch (error) {
      if (!(error instanceof AddressForbidden)) throw error;
      throw failure.notAllowed(error.message, error);
    }
  }

  async *read(reference: ContentReference, maxBytes: number, wait: Wait): AsyncGenerator<Uint8Array> {
    yield* verified(reference, maxBytes, await this.#open(reference, maxBytes, wait));
  }

  async #open(reference: ContentReference, maxBytes: number, wait: Wait): Promise<AsyncIterable<Uint8Array>> {
    const { url } = reference;
    const failure = new SourceFailure(url);
    if (!URL.canParse(url)) throw failure.notAllowed("must be a URL");
    const { protocol } = new URL(url);
    switch (protocol) {
      case "https:":
      case "http:":
        return readHttpSource(reference, noCredentials, this.settings.http, maxBytes, wait);
      case "file:":
        return readFileSource(url, this.settings.fileFolders, maxBytes, wait);
      case "s3:":
        if (this.settings.s3 === undefined) throw failure.notAllowed("no S3 service is configured ([s3])");
        return (await this.#s3Store(this.settings.s3)).read(reference, maxBytes, wait);
      case "swift:":
        if (this.#swift === undefined) throw failure.notAllowed("no Swift account is configured ([swift])");
        return this.#swift.read(reference, maxBytes, wait);
      default:
        throw failure.notAllowed(`the scheme ${protocol.slice(0, -1)} is none of https, http, s3, swift, file`);
    }
  }

  /** The AWS SDK is large: it is loaded when it is first needed. */
  async #s3Store(settings: S3Settings): Promise<S3Store> {
    const { S3Store } = await import("./s3.js");
    this.#s3 ??= new S3Store(settings);
    return this.#s3;
  }

  [Symbol.dispose](): void {
    this.#s3?.[Symbol.dispose]();
  }
}
