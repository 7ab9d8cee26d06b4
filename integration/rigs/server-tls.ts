import { execFile } from "node:child_process";
import { chmod, chown, copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { Certificates } from "./certificates.js";

const run = promisify(execFile);

/** How a server speaks TLS, and nothing else. */
export interface ServerTls {
  readonly certificates: Certificates;
  /** Whoever logs in must show a certificate of the same authority. */
  readonly ofClients?: boolean;
}

/** The same, as files of the server's user's; and what a rig's own login shows. */
export interface TlsFiles {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly ofClients: boolean;
  readonly client: { readonly rejectUnauthorized: false; readonly cert: string; readonly key: string };
}

/** Copies the certificates for a server's user: a server refuses a key that others could read. */
export async function tlsFiles(
  user: string,
  directory: string,
  tls: ServerTls | undefined,
): Promise<TlsFiles | undefined> {
  if (tls === undefined) return undefined;
  const { authority, server, client } = tls.certificates;
  const folder = join(directory, "tls");
  await folderOf(user, folder);
  const own = async (path: string) => {
    const copy = join(folder, basename(path));
    await copyFile(path, copy);
    await chmod(copy, 0o600);
    await give(user, copy);
    return copy;
  };
  return {
    authority: await own(authority),
    certificate: await own(server.certificate),
    key: await own(server.key),
    ofClients: tls.ofClients ?? false,
    client: {
      rejectUnauthorized: false,
      cert: await readFile(client.certificate, "utf8"),
      key: await readFile(client.key, "utf8"),
    },
  };
}

/** Makes a folder that is the server's user's. */
export async function folderOf(user: string, path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await give(user, path);
}

/** Root gives what it made to the user; anybody else is that user. */
async function give(user: string, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const id = async (flag: string) => Number((await run("id", [flag, user])).stdout);
  await chown(path, await id("-u"), await id("-g"));
}
