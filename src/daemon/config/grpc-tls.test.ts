import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { loadConfig } from "./load.js";

let folder: string;
beforeEach(async () => {
  folder = await privateDirectory("tls");
});
afterEach(() => rm(folder, { recursive: true }));

const load = (given: Readonly<Record<string, string>>) =>
  loadConfig([], Object.fromEntries(Object.entries(given).map(([name, text]) => [`OS_GRPC__${name}`, text])));

test("a door to other machines that nobody could use, or that is not private, is refused", () => {
  const listen = { TLS_LISTEN: "0.0.0.0:0" };
  const pair = { ...listen, TLS_CERTIFICATE: "/c", TLS_KEY: "/k" };
  expect(() => load(listen)).toThrow("[grpc] tls_listen = 0.0.0.0:0: needs tls_certificate and tls_key");
  expect(() => load({ ...listen, TLS_CERTIFICATE: "/c" })).toThrow("needs tls_certificate and tls_key");
  expect(() => load(pair)).toThrow("[keystone_authtoken] auth_url: nobody could say who they are");
  expect(() => load({ ...pair, IDENTITIES_FILE: "/i" })).toThrow("needs client_ca");
  expect(() => load({ ...pair, CLIENT_CRL: "/r" })).toThrow("needs client_ca");
});

test("files that are missing or make no sense are refused by name, and a key is not repeated", async () => {
  const key = join(folder, "key");
  await writeFile(key, "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n");
  const given = { TLS_LISTEN: "0.0.0.0:0", TLS_KEY: key, CLIENT_CA: key, IDENTITIES_FILE: key };
  expect(() => load({ ...given, TLS_CERTIFICATE: "/nonexistent/c" })).toThrow(
    "[grpc] tls_certificate = /nonexistent/c: cannot be read: ENOENT",
  );
  expect(() => load({ ...given, TLS_CERTIFICATE: key })).toThrow("cannot be used: error:");
  expect(() => load({ ...given, TLS_CERTIFICATE: key })).not.toThrow("hunter2");
});

test("without tls_listen the door is for this machine, whatever else is given", () => {
  expect(load({ TLS_CERTIFICATE: "/nonexistent" }).tls).toBeUndefined();
});
