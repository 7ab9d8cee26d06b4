import { constants } from "node:fs";
import { type FileHandle, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { below, refusing, unlessMissing } from "./open-below.js";

const { O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, O_TRUNC, O_WRONLY } = constants;

/** Beside the files that it is about. */
export const CLAIM_NAME = ".catalog";

/**
 * Which catalog the files of a directory belong to, written beside them by the first one that asks. To any other catalog all of
 * them would be orphans: a connection that names the wrong database must not cost the drives of the right one.
 */
export class CatalogClaim {
  #owner: Promise<string> | undefined;

  constructor(private readonly directory: string) {}

  /**
   * Takes the directory for a catalog, unless it is one's already.
   * @param identity - of the catalog, as `Catalog.identity`
   * @returns what is wrong, and what to do, where it is another catalog's
   * Refusals: STORAGE_FAILED, STORAGE_FULL.
   */
  async problem(identity: string): Promise<string | undefined> {
    this.#owner ??= this.#ownerOr(identity);
    const owner = await this.#owner.catch((error: unknown) => {
      this.#owner = undefined;
      throw error;
    });
    if (owner === identity) return undefined;
    const file = join(this.directory, CLAIM_NAME);
    return (
      `what stands in ${this.directory} belongs to the catalog that was made at ${owner}, and this one was made at ${identity}: ` +
      `correct [catalog] connection, or restore that catalog; where it is lost for good, remove ${file}, ` +
      "and the files that no drive of this catalog has will be removed"
    );
  }

  async #ownerOr(identity: string): Promise<string> {
    return (await this.#read()) ?? (await this.#write(identity));
  }

  async #read(): Promise<string | undefined> {
    return await refusing(`read ${join(this.directory, CLAIM_NAME)}`, async () => {
      await using folder = await openFolder(this.directory);
      const text = await readFile(below(folder, CLAIM_NAME), { encoding: "utf8", flag: O_RDONLY | O_NOFOLLOW }).catch(
        unlessMissing,
      );
      return text?.trim() || undefined;
    });
  }

  /** Beside its place, synced, then renamed; what a cut-off write left is written over. */
  async #write(identity: string): Promise<string> {
    return await refusing(`write ${join(this.directory, CLAIM_NAME)}`, async () => {
      await using folder = await openFolder(this.directory);
      const partial = below(folder, `${CLAIM_NAME}.partial`);
      try {
        await using file = await open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
        await file.writeFile(`${identity}\n`);
        await file.sync();
        await rename(partial, below(folder, CLAIM_NAME));
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
      await folder.sync();
      return identity;
    });
  }
}

async function openFolder(directory: string): Promise<FileHandle> {
  return await open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}
