import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Readable } from "node:stream";
import { GetObjectCommand, type GetObjectCommandOutput, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import type { Wait } from "#drive/hypervisor.js";
import { type Answer, type Patience, resumable, Transient } from "./resumable.js";
import { SourceFailure } from "./source-failure.js";

/** An S3 service, as the operator configured it. */
export interface S3Settings extends Patience {
  /** Unset: AWS by its region. */
  readonly endpoint?: string;
  readonly region: string;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`. */
  readonly pathStyle: boolean;
  /** Unset: as the AWS SDK finds them (environment, profile, instance). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: { reveal(): string } };
  /** Longest silence of the server, in milliseconds. */
  readonly silenceMs: number;
  readonly ca?: string;
}

/** Bucket names by S3's rules, so that none can name another host (Amazon S3 User Guide, Bucket naming rules). */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const NOT_THERE = new Set([401, 403, 404]);

/** Reads objects by `s3://bucket/key`. */
export class S3Store implements Disposable {
  readonly #client: S3Client;

  constructor(private readonly settings: S3Settings) {
    const { endpoint, region, pathStyle, credentials, silenceMs, ca } = settings;
    this.#client = new S3Client({
      region,
      forcePathStyle: pathStyle,
      // What is tried again is decided in one place, for it must go on where it stopped (`resumable.ts`).
      maxAttempts: 1,
      requestHandler: {
        requestTimeout: silenceMs,
        connectionTimeout: silenceMs,
        httpAgent: new HttpAgent({ timeout: silenceMs }),
        httpsAgent: new HttpsAgent({ timeout: silenceMs, ...(ca === undefined ? {} : { ca }) }),
      },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined
        ? {}
        : {
            credentials: {
              accessKeyId: credentials.accessKeyId,
              secretAccessKey: credentials.secretAccessKey.reveal(),
            },
          }),
    });
  }

  read(url: string, maxBytes: number, wait: Wait): AsyncIterable<Uint8Array> {
    const failure = new SourceFailure(url);
    const { host, username, pathname } = new URL(url);
    const key = decodedKey(pathname.slice(1));
    if (!BUCKET.test(host) || username !== "" || key === undefined)
      throw failure.notAllowed("must be s3://bucket/key, percent-encoded");
    const ask = (offset: number, version: string | undefined) => this.#ask(host, key, offset, version, failure, wait);
    return resumable(ask, failure, maxBytes, this.settings, wait);
  }

  async #ask(
    bucket: string,
    key: string,
    offset: number,
    version: string | undefined,
    failure: SourceFailure,
    wait: Wait,
  ): Promise<Answer> {
    const part = offset === 0 || version === undefined ? {} : { Range: `bytes=${offset}-`, IfMatch: version };
    try {
      const output = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...part }), {
        abortSignal: wait.signal,
      });
      return { chunks: bodyOf(output, wait), size: sizeOf(output), version: output.ETag };
    } catch (error) {
      if (wait.signal.aborted) throw error;
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof S3ServiceException)) throw new Transient(message, { cause: error });
      const status = error.$metadata.httpStatusCode ?? 0;
      if (NOT_THERE.has(status)) throw failure.notFound(`the object store answers ${status} ${error.name}`, error);
      if (status === 412) throw failure.unreachable(`was cut after ${offset} bytes and has changed since`, error);
      if (status < 500 && status !== 429)
        throw failure.unreachable(`the object store answers ${status} ${error.name}`, error);
      throw new Transient(`the object store answers ${status} ${error.name}`, { cause: error });
    }
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

function decodedKey(text: string): string | undefined {
  try {
    return decodeURIComponent(text) || undefined;
  } catch {
    return undefined;
  }
}

/** Bytes of the whole object; the range's total where only a part was asked for. */
function sizeOf(output: GetObjectCommandOutput): number | undefined {
  const total = /\/(\d+)$/.exec(output.ContentRange ?? "")?.[1];
  return total === undefined ? output.ContentLength : Number(total);
}

async function* bodyOf(output: GetObjectCommandOutput, wait: Wait): AsyncGenerator<Uint8Array> {
  const { Body: body } = output;
  if (body === undefined) return;
  // In Node it is the answer itself; a web stream around it would hold more in memory.
  if (!(body instanceof Readable)) throw new Transient("the AWS SDK gave a body that is no stream of Node's");
  try {
    for await (const chunk of body) yield chunk;
  } catch (error) {
    if (wait.signal.aborted) throw error;
    throw new Transient(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    body.destroy();
  }
}
