import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { instances, isWhole } from "./script.js";

/** Reads all that the instances see, over and over, as guests would; whatever is not a whole image is a fault. */
export class Guest implements AsyncDisposable {
  readonly faults: string[] = [];
  #reads = 0;
  #stopped = false;
  readonly #reading: Promise<void>;

  constructor(directory: string) {
    this.#reading = this.#readOn(join(directory, "instances"));
  }

  get reads(): number {
    return this.#reads;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#reading;
  }

  async #readOn(root: string): Promise<void> {
    while (!this.#stopped) {
      for (const instance of instances) {
        for (const name of await readdir(join(root, instance))) {
          if (name.startsWith(".")) continue;
          const bytes = await readFile(join(root, instance, name)).catch(unlessMissing);
          if (bytes === undefined) continue;
          this.#reads += 1;
          if (!isWhole(bytes))
            this.faults.push(`${instance} saw ${bytes.length} bytes that are no whole image in ${name}`);
        }
      }
      await pause(1);
    }
  }
}

/** A drive that was detached between the look and the read. */
function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
