import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import type { ContentHold, ContentStore, StoredContentFile } from "#drive/content-store.js";
import type { Wait } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import type { StoredContent } from "#drive/spec.js";
import { CLAIM_NAME } from "./catalog-claim.js";
import { below, refusing, unlessMissing } from "./open-below.js";

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** Bytes that are read at once. */
const PART = 256 * 1024;

const digestName = /^[0-9a-f]{64}$/;

/** Content below one directory of this host, each file named by its SHA-256 and readable by the service's user alone. */
export class ContentDirectory implements ContentStore {
  readonly #root: string;
  /** How many holds each digest, or partial file, has. */
  readonly #held = new Map<string, number>();
  /** What was put or taken since `list` began. */
  readonly #fresh = new Set<string>();
  /** Renames and removals, one after another: a removal must not meet what was just put. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(root: string) {
    this.#root = root;
  }

  /** Opens a directory, and makes it where it is missing. Refusals: STORAGE_FAILED, STORAGE_FULL. */
  static async open(root: string): Promise<ContentDirectory> {
    return await refusing(`open ${root}`, async () => {
      await mkdir(root, { recursive: true, mode: PRIVATE_FOLDER });
      await using folder = await open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      await folder.chmod(PRIVATE_FOLDER);
      await folder.sync();
      return new ContentDirectory(root);
    });
  }

  hold(): ContentHold {
    const names: string[] = [];
    const keep = (name: string) => {
      names.push(name);
      this.#fresh.add(name);
      this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    };
    return {
      put: (bytes, wait) => this.#put(bytes, keep, wait),
      take: (content) => {
        keep(content.sha256);
        return this.#inTurn(() => this.#stands(content));
      },
      [Symbol.dispose]: () => {
        for (const name of names.splice(0)) {
          const left = (this.#held.get(name) ?? 1) - 1;
          if (left === 0) this.#held.delete(name);
          else this.#held.set(name, left);
        }
      },
    };
  }

  async *read({ sha256, sizeBytes }: StoredContent, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    await using root = await this.#openRoot();
    await using file = await refusing(`read content ${sha256}`, () =>
      open(below(root, requireDigest(sha256)), O_RDONLY | O_NOFOLLOW),
    );
    const part = Buffer.allocUnsafe(Math.min(PART, sizeBytes));
    for (let at = 0; at < sizeBytes; ) {
      signal?.throwIfAborted();
      const wanted = Math.min(part.length, sizeBytes - at);
      const { bytesRead } = await refusing(`read content ${sha256}`, () => file.read(part, 0, wanted, at));
      if (bytesRead === 0) throw new Refusal("STORAGE_FAILED", `content ${sha256} ends after ${at} bytes`);
      yield part.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  async list(): Promise<readonly StoredContentFile[]> {
    this.#fresh.clear();
    const names = await refusing(`list ${this.#root}`, () => readdir(this.#root));
    return names
      .filter((name) => name !== CLAIM_NAME && !this.#held.has(name))
      .map((name) => ({ name, sha256: digestName.test(name) ? name : undefined }));
  }

  async discard({ name }: StoredContentFile): Promise<boolean> {
    return await this.#inTurn(async () => {
      if (this.#held.has(name) || this.#fresh.has(name)) return false;
      await using root = await this.#openRoot();
      await refusing(`remove content ${name}`, async () => {
        await rm(below(root, name), { force: true });
        await root.sync();
      });
      return true;
    });
  }

  async #put(bytes: AsyncIterable<Uint8Array>, keep: (name: string) => void, { signal }: Wait): Promise<StoredContent> {
    await using root = await this.#openRoot();
    const partial = `.${randomUUID()}.partial`;
    keep(partial);
    try {
      const content = await this.#write(below(root, partial), bytes, signal);
      keep(content.sha256);
      await this.#inTurn(() =>
        refusing("store content", async () => {
          await rename(below(root, partial), below(root, content.sha256));
          await root.sync();
        }),
      );
      return content;
    } catch (error) {
      await rm(below(root, partial), { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async #write(path: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<StoredContent> {
    const writing = <T>(work: () => Promise<T>) => refusing("store content", work);
    await using file = await writing(() => open(path, O_WRONLY | O_CREAT | O_EXCL, PRIVATE_FILE));
    const hash = createHash("sha256");
    let sizeBytes = 0;
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      hash.update(chunk);
      sizeBytes += chunk.length;
      await writing(() => file.writeFile(chunk));
    }
    signal.throwIfAborted();
    await writing(() => file.sync());
    return { sha256: hash.digest("hex"), sizeBytes };
  }

  async #stands({ sha256, sizeBytes }: StoredContent): Promise<boolean> {
    await using root = await this.#openRoot();
    return await refusing(`find content ${sha256}`, async () => {
      const opened = open(below(root, requireDigest(sha256)), O_RDONLY | O_NOFOLLOW);
      await using file = (await opened.catch(unlessMissing)) ?? null;
      const found = await file?.stat();
      return found?.isFile() === true && found.size === sizeBytes;
    });
  }

  #openRoot(): Promise<FileHandle> {
    return refusing(`open ${this.#root}`, () => open(this.#root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function requireDigest(sha256: string): string {
  if (!digestName.test(sha256)) throw new Refusal("INTERNAL", `${JSON.stringify(sha256)} is not a digest`);
  return sha256;
}
