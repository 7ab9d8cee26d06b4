import type { FileHandle } from "node:fs/promises";
import { dataStretches } from "./zeros.js";

/** A file under way that is given bytes in ascending order; zeros become holes. */
export class SparseFile {
  #end = 0;
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    for (const [start, end] of dataStretches(bytes)) {
      await this.#writeFully(bytes.subarray(start, end), offset + start);
      this.#end = offset + end;
    }
  }

  /** Gives the file its size where it ends with a hole, and its mode unless it was opened with it. */
  async finish(size: number, mode: number | undefined, sync: boolean): Promise<void> {
    if (this.#end < size) await this.#file.truncate(size);
    if (mode !== undefined) await this.#file.chmod(mode);
    if (sync) await this.#file.sync();
  }

  async #writeFully(bytes: Uint8Array, offset: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
  }
}
