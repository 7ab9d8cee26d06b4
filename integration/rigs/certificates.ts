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
}

/** Makes them in a directory, valid for two days, with openssl. */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const authority = { certificate: join(directory, "authority.pem"), key: join(directory, "authority.key") };
  const days = ["-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run("openssl", [
    ...["req", "-x509", ...days, "-subj", "/CN=configdrive rig authority"],
    ...["-keyout", authority.key, "-out", authority.certificate],
  ]);
  const issue = async (name: string, extensions: string): Promise<KeyPair> => {
    const pair = { certificate: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) };
    const extensionFile = join(directory, `${name}.ext`);
    const request = join(directory, `${name}.csr`);
    await writeFile(extensionFile, extensions);
    await run("openssl", [
      "req",
      "-new",
      ...days.slice(2),
      "-subj",
      `/CN=${name}`,
      "-keyout",
      pair.key,
      "-out",
      request,
    ]);
    await run("openssl", [
      ...["x509", "-req", "-in", request, "-days", "2", "-extfile", extensionFile, "-CAcreateserial"],
      ...["-CA", authority.certificate, "-CAkey", authority.key, "-out", pair.certificate],
    ]);
    return pair;
  };
  return {
    authority: authority.certificate,
    server: await issue("localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"),
    client: await issue("client", "extendedKeyUsage=clientAuth\n"),
  };
}
