import { chmod, lstat, mkdtemp, rename, rm } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { listenRefusal } from "./listen-address.js";

/** Who may connect: the owner and the group. */
const DEFAULT_MODE = 0o660;

/** A socket that clients find at its path. */
export interface PlacedSocket {
  /** Takes it away, unless another one stands there by now. */
  remove(): Promise<void>;
}

/**
 * Puts a listening socket at a path with its mode from the first moment on: it is bound in a directory that only we can
 * enter, given its mode, and renamed into place. What a dead process left there is replaced.
 * @param bind - listens on the path it is given
 * @throws Refusal INVALID_ARGUMENT when a living process listens there already, or when something else stands there
 */
export async function placeSocket(
  path: string,
  bind: (path: string) => Promise<void>,
  mode: number = DEFAULT_MODE,
): Promise<PlacedSocket> {
  await refuseUnlessFree(path);
  const directory = await mkdtemp(join(dirname(path), ".s-"));
  try {
    const bound = join(directory, "s");
    await bind(bound);
    await chmod(bound, mode);
    await rename(bound, path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const { ino, dev } = await lstat(path);
  return {
    async remove() {
      const there = await lstatIfThere(path);
      if (there?.ino === ino && there.dev === dev) await rm(path, { force: true });
    },
  };
}

async function refuseUnlessFree(path: string): Promise<void> {
  const there = await lstatIfThere(path);
  if (there === undefined) return;
  if (!there.isSocket()) throw listenRefusal(`unix:${path}`, "something that is no socket stands there");
  if (await isListening(path)) throw listenRefusal(`unix:${path}`, "another process listens there");
}

async function lstatIfThere(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** A socket whose process is gone refuses; whatever else happens is taken as a sign of life. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => resolve(!isSystemError(error, "ECONNREFUSED") && !isSystemError(error, "ENOENT")));
  });
}

function isSystemError(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && Reflect.get(error, "code") === code;
}
