import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A certificate and its key, as files. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** A private authority with one server (localhost, 127.0.0.1) and one client. */
export interface Certificates {
  readonly authority: string;
  readonly server: KeyPair;
  readonly client: KeyPair;
  /** Makes another one. @param name - of its files, and its subject's common name */
  issue(name: string, wanted: IssueOptions): Promise<KeyPair>;
  /** A revocation list with these certificates on it, as a file. */
  revoke(...certificates: readonly KeyPair[]): Promise<string>;
}

/** What a certificate is to be. */
export interface IssueOptions {
  /** openssl's, such as `extendedKeyUsage=clientAuth`. */
  readonly extensions: readonly string[];
  /** As openssl writes it; `/CN=<name>` if not given. */
  readonly subject?: string;
  /** The day its validity ends, counted from today; tomorrow but one if not given. */
  readonly days?: number;
}

/** Makes them in a directory, valid for two days, with openssl. */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const authority = { certificate: join(directory, "authority.pem"), key: join(directory, "authority.key") };
  const days = ["-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run("openssl", [
    ...["req", "-x509", ...days, "-subj", "/CN=configdrive rig authority"],
    ...["-keyout", authority.key, "-out", authority.certificate],
  ]);
  const issue = async (name: string, { extensions, subject = `/CN=${name}`, days: valid = 2 }: IssueOptions) => {
    const pair = { certificate: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) };
    const extensionFile = join(directory, `${name}.ext`);
    const request = join(directory, `${name}.csr`);
    await writeFile(extensionFile, `${extensions.join("\n")}\n`);
    await run("openssl", ["req", "-new", ...days.slice(2), "-subj", subject, "-keyout", pair.key, "-out", request]);
    await run("openssl", [
      ...["x509", "-req", "-in", request, "-days", String(valid), "-extfile", extensionFile, "-CAcreateserial"],
      ...["-CA", authority.certificate, "-CAkey", authority.key, "-out", pair.certificate],
    ]);
    return pair;
  };
  const revoke = async (...certificates: readonly KeyPair[]) => {
    const database = join(directory, "revoked");
    const config = join(directory, "revoke.cnf");
    const list = join(directory, "revoked.pem");
    await writeFile(database, "");
    await writeFile(config, `[ca]\ndefault_ca = a\n[a]\ndatabase = ${database}\ndefault_md = sha256\n`);
    const asAuthority = ["ca", "-config", config, "-keyfile", authority.key, "-cert", authority.certificate];
    for (const { certificate } of certificates) await run("openssl", [...asAuthority, "-revoke", certificate]);
    await run("openssl", [...asAuthority, "-gencrl", "-crldays", "2", "-out", list]);
    return list;
  };
  return {
    authority: authority.certificate,
    server: await issue("localhost", {
      extensions: ["subjectAltName=DNS:localhost,IP:127.0.0.1", "extendedKeyUsage=serverAuth"],
    }),
    client: await issue("client", { extensions: ["extendedKeyUsage=clientAuth"] }),
    issue,
    revoke,
  };
}
