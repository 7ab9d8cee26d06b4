import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { unlessMissing } from "./open-below.js";

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/**
 * The size of a regular file in a folder of a directory, each opened by the one above it and without following links; `undefined` where
 * there is none.
 * Throws as the system does, also where the directory is not there. It reads names and no content, by calls that block: seven that take microseconds, each of which would go to the thread
 * pool and back in ten times that.
 */
export function sizeBelow(directory: string, folder: string, name: string): number | undefined {
  using root = opened(directory, O_DIRECTORY);
  using own = unlessThereIsNone(() => opened(`${root.path}/${folder}`, O_DIRECTORY));
  // Whatever stands there in the file's place, such as a pipe, is not waited for.
  using file = own && unlessThereIsNone(() => opened(`${own.path}/${name}`, O_NONBLOCK));
  if (file === undefined) return undefined;
  const found = fstatSync(file.fd);
  return found.isFile() ? found.size : undefined;
}

interface Opened extends Disposable {
  readonly fd: number;
  /** Leads to what was opened, whatever happens to its own path meanwhile. */
  readonly path: string;
}

function opened(path: string, flags: number): Opened {
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | flags);
  return { fd, path: `/proc/self/fd/${fd}`, [Symbol.dispose]: () => closeSync(fd) };
}

function unlessThereIsNone(open: () => Opened): Opened | undefined {
  try {
    return open();
  } catch (error) {
    return unlessMissing(error);
  }
}
