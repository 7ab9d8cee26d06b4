import { Agent as HttpAgent, IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Readable } from "node:stream";
import { GetObjectCommand, type GetObjectCommandOutput, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import type { ContentReference } from "#drive/content-source.js";
import type { Wait } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { requireEnd } from "./body-end.js";
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
        // Without it the SDK only prints a warning, and waits on.
        throwOnRequestTimeout: true,
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

  read(reference: ContentReference, maxBytes: number, wait: Wait): AsyncIterable<Uint8Array> {
    const { url } = reference;
    const failure = new SourceFailure(url);
    const { host, username, pathname } = new URL(url);
    const key = decodedKey(pathname.slice(1));
    if (!BUCKET.test(host) || username !== "" || key === undefined)
      throw failure.notAllowed("must be s3://bucket/key, percent-encoded");
    const ask = async (offset: number, version: string | undefined): Promise<Answer> => {
      const output = await this.#ask(host, key, offset, version, failure, wait);
      const size = sizeOf(output);
      try {
        if (size === undefined && output.Body instanceof IncomingMessage) {
          requireEnd(output.Body.headers, reference, failure);
        }
      } catch (error) {
        destroyBody(output);
        throw error;
      }
      return { chunks: bodyOf(output, this.settings.silenceMs, wait), size, version: output.ETag };
    };
    return resumable(ask, failure, maxBytes, this.settings, wait);
  }

  async #ask(
    bucket: string,
    key: string,
    offset: number,
    version: string | undefined,
    failure: SourceFailure,
    wait: Wait,
  ): Promise<GetObjectCommandOutput> {
    const part = offset === 0 || version === undefined ? {} : { Range: `bytes=${offset}-`, IfMatch: version };
    try {
      const output = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...part }), {
        abortSignal: wait.signal,
      });
      if (startOf(output) !== offset) {
        destroyBody(output);
        throw failure.unreachable(`was cut after ${offset} bytes, and cannot be taken up there`);
      }
      return output;
    } catch (error) {
      if (wait.signal.aborted || error instanceof Refusal) throw error;
      const status = statusOf(error);
      if (status === undefined) {
        throw new Transient(error instanceof Error ? error.message : String(error), { cause: error });
      }
      // An error whose text is none of S3's has a name of the SDK's, which says nothing.
      const answers = `the object store answers ${status}${error instanceof S3ServiceException ? ` ${error.name}` : ""}`;
      if (NOT_THERE.has(status)) throw failure.notFound(answers, error);
      if (status === 412) throw failure.unreachable(`was cut after ${offset} bytes and has changed since`, error);
      if (status < 500 && status !== 429) throw failure.unreachable(answers, error);
      throw new Transient(answers, { cause: error });
    }
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

/** The status of the answer that an error of the SDK tells of; `undefined` where none came. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const { $metadata: metadata } = error;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}

function decodedKey(text: string): string | undefined {
  try {
    return decodeURIComponent(text) || undefined;
  } catch {
    return undefined;
  }
}

/** Where in the object the bytes begin, by the answer's own word. */
function startOf({ ContentRange: range }: GetObjectCommandOutput): number | undefined {
  if (range === undefined) return 0;
  const start = /^bytes (\d+)-/.exec(range)?.[1];
  return start === undefined ? undefined : Number(start);
}

/** Bytes of the whole object; the range's total where only a part was asked for. */
function sizeOf(output: GetObjectCommandOutput): number | undefined {
  const total = /\/(\d+)$/.exec(output.ContentRange ?? "")?.[1];
  return total === undefined ? output.ContentLength : Number(total);
}

function destroyBody({ Body: body }: GetObjectCommandOutput): void {
  if (body instanceof Readable) body.destroy();
}

/** The bytes as they come. The SDK watches over the time until the answer begins; over what follows nobody else does. */
async function* bodyOf(
  { Body: body }: GetObjectCommandOutput,
  silenceMs: number,
  wait: Wait,
): AsyncGenerator<Uint8Array> {
  if (body === undefined) return;
  // In Node it is the answer itself; a web stream around it would hold more in memory.
  if (!(body instanceof Readable)) throw new Transient("the AWS SDK gave a body that is no stream of Node's");
  const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
  const next = async () => {
    const silent = setTimeout(() => body.destroy(new Error(`was silent for ${silenceMs} ms`)), silenceMs);
    try {
      return await chunks.next();
    } finally {
      clearTimeout(silent);
    }
  };
  const abort = () => body.destroy();
  wait.signal.addEventListener("abort", abort, { once: true });
  try {
    for (let step = await next(); step.done !== true; step = await next()) yield step.value;
  } catch (error) {
    if (wait.signal.aborted) throw error;
    throw new Transient(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    wait.signal.removeEventListener("abort", abort);
    body.destroy();
  }
}
