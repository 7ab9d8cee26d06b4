import { closeSync, constants, mkdirSync, openSync } from "node:fs";

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * An open directory. What is made in it is made below the directory itself, by `/proc/self/fd`, whatever happens to its path
 * meanwhile; names are single path parts. Closed at the end of a `using` block.
 */
export class DirectoryHandle implements Disposable {
  private constructor(private readonly fd: number) {}

  /** Opens a directory that a caller named; links on the way to it are the caller's own business, the last part must not be one. */
  static open(path: string): DirectoryHandle {
    return new DirectoryHandle(openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  }

  /** Makes a directory, mode 0700, and opens it. Fails with EEXIST when anything has that name. */
  make(name: string): DirectoryHandle {
    mkdirSync(this.#below(name), 0o700);
    return new DirectoryHandle(openSync(this.#below(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  }

  /** Creates a file for writing and gives its descriptor. Fails with EEXIST when anything has that name, a link included. */
  create(name: string, mode: number): number {
    return openSync(this.#below(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }

  #below(name: string): string {
    return `/proc/self/fd/${this.fd}/${name}`;
  }
}
