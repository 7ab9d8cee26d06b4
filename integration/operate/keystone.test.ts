import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Metadata, status } from "@grpc/grpc-js";
import { jest } from "@jest/globals";
import { DriveServiceClient, ListDrivesRequest, type ListDrivesResponse } from "#gen/configdrive/v1/drive_service.js";
import { DriveClient } from "#grpc/client.js";
import { type ClientTls, channelCredentials } from "#grpc/client-tls.js";
import { RemoteError } from "#grpc/remote-error.js";
import { makeCertificates } from "../rigs/certificates.js";
import { Keystone, type KeystoneUser } from "../rigs/keystone.js";
import { freePort } from "../rigs/ports.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { until } from "../rigs/wait.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(180_000);

const content = { $case: "blob", value: { data: Buffer.from("x"), elsewhere: undefined } } as const;
const unauthenticated = { code: status.UNAUTHENTICATED, reason: "UNAUTHENTICATED" };
const forbidden = { code: status.PERMISSION_DENIED, reason: "FORBIDDEN" };

const scope = new Scope();
let directory: string;
let keystone: Keystone;
let service: Service;
let tls: ClientTls;
let remote: DriveClient;
let local: DriveClient;
let port: number;
let demo: string;
let other: string;
let services: string;
let member: KeystoneUser;
/** Every token that was shown to the service: none of them may be in its log. */
const shown = new Set<string>();

beforeAll(async () => {
  directory = await privateDirectory("operate-keystone");
  await mkdir(join(directory, "instances"));
  const certificates = await makeCertificates(directory);
  keystone = await scope.own(Keystone.start());
  [demo, other] = [await keystone.project("demo"), await keystone.project("other")];
  services = await keystone.project("service");
  await keystone.user("configdrive", services, ["service"]);
  member = await keystone.user("member", demo, ["member", "reader"]);
  await keystone.user("reader", demo, ["reader"]);
  port = await freePort();
  service = await scope.own(
    Service.start({
      instances: join(directory, "instances"),
      config: [
        ...["[grpc]", `tls_listen = 127.0.0.1:${port}`],
        ...[`tls_certificate = ${certificates.server.certificate}`, `tls_key = ${certificates.server.key}`],
        ...["[keystone_authtoken]", `auth_url = ${keystone.url}/v3`, "username = configdrive"],
        ...[`password = ${keystone.password}`, "project_name = service", "token_cache_time = 0.5"],
        // Others' options, as they stand in every service's file.
        ...["http_connect_timeout = 20", "memcached_servers = controller:11211", "auth_type = password"],
      ],
    }),
  );
  tls = { authorities: await readFile(certificates.authority) };
  remote = new DriveClient(`localhost:${port}`, tls);
  local = new DriveClient(service.address);
  // There is something to see of this project in every test.
  await populate(remote, await tokenOf("member", demo));
}, 240_000);
afterAll(async () => {
  remote?.[Symbol.dispose]();
  local?.[Symbol.dispose]();
  await scope[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** Logs somebody in, and remembers the token. */
async function tokenOf(user: string, projectId?: string, at = keystone): Promise<string> {
  const token = await at.token(user, projectId);
  shown.add(token);
  return token;
}

async function refusedAtBoth(token: string, why: object, projectId?: string): Promise<void> {
  const call = { token, ...(projectId === undefined ? {} : { projectId }) };
  for (const client of [remote, local]) {
    await expect(client.listDrives({}, call)).rejects.toMatchObject(why);
    const events = client.watchDrives({}, call)[Symbol.asyncIterator]();
    await expect(events.next()).rejects.toMatchObject(why);
    await expect(populate(client, token, projectId)).rejects.toMatchObject(why);
  }
}

const populate = (client: DriveClient, token: string, projectId?: string) =>
  client.populateVolume(
    { requestId: randomUUID(), content },
    { token, ...(projectId === undefined ? {} : { projectId }) },
  );

test("a token's user, project and roles are who calls, from afar and on this machine", async () => {
  const token = await tokenOf("member", demo);
  const made: unknown[] = [];
  for (const client of [remote, local]) {
    const { drive } = await populate(client, token);
    expect(drive).toMatchObject({ projectId: demo });
    made.push(expect.objectContaining({ id: drive?.id }));
  }
  const { drives } = await remote.listDrives({}, { token, projectId: demo });
  expect(drives).toEqual(expect.arrayContaining(made));
  const calls = await until(120_000, "the calls in the log", async () => {
    const lines = await service.events("call");
    return lines.length >= 3 && lines;
  });
  expect(calls[0]).toMatchObject({ method: "PopulateVolume", user_id: member.id, project_id: demo, outcome: "done" });
});

test("a reader looks and changes nothing; an administrator may name any project", async () => {
  const reader = await tokenOf("reader", demo);
  expect((await remote.listDrives({}, { token: reader })).drives.length).toBeGreaterThan(0);
  await expect(populate(remote, reader)).rejects.toMatchObject(forbidden);
  const { drive } = await populate(remote, await tokenOf("configdrive", services), other);
  expect(drive).toMatchObject({ projectId: other });
});

describe("nobody gets through with", () => {
  test("no token", async () => {
    await expect(remote.listDrives({}, { projectId: demo })).rejects.toMatchObject(unauthenticated);
  });

  test.each(["", "x", "gAAAAAB-nonsense", "a".repeat(5000)])("a token that is none: %.20j", async (token) => {
    await refusedAtBoth(token, unauthenticated, demo);
  });

  test("a token of another project, or of none", async () => {
    await refusedAtBoth(await tokenOf("member", demo), forbidden, other);
    await refusedAtBoth(await tokenOf("member"), forbidden, demo);
    await refusedAtBoth(await tokenOf("member"), forbidden);
  });

  test("a token that was changed by a letter", async () => {
    const token = await tokenOf("member", demo);
    const changed = `${token.slice(0, 60)}${token[60] === "A" ? "B" : "A"}${token.slice(61)}`;
    await refusedAtBoth(changed, unauthenticated, demo);
  });

  test("a token that was taken back, once what was known of it is over", async () => {
    const token = await tokenOf("member", demo);
    expect((await remote.listDrives({}, { token })).drives.length).toBeGreaterThan(0);
    await keystone.revoke(token);
    await until(120_000, "the revoked token to be refused", () => isRefused({ token }));
    await refusedAtBoth(token, unauthenticated, demo);
  });

  test("a token over a connection without TLS", async () => {
    using plain = new DriveClient(`localhost:${port}`);
    const call = plain.listDrives({}, { token: await tokenOf("member", demo) });
    await expect(call).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});

test("a token that has expired is refused, but to a service that goes on for its user", async () => {
  const brief = await scope.own(keystone.withExpiration(1));
  const token = await tokenOf("member", demo, brief);
  await until(120_000, "the token to expire", async () => !(await keystone.takes(token)));
  await until(120_000, "the expired token to be refused", () => isRefused({ token }));
  const serviceToken = await tokenOf("configdrive", services);
  expect(await list({ token, serviceToken })).toMatchObject({ drives: expect.any(Array) });
  // Anybody's token is not a service's.
  const notOne = await tokenOf("reader", demo);
  await expect(list({ token, serviceToken: notOne })).rejects.toMatchObject(unauthenticated);
  await expect(list({ token: notOne, serviceToken: token })).rejects.toMatchObject(unauthenticated);
});

test("a Keystone that does not answer lets nobody in, and is asked again when it does", async () => {
  const token = await tokenOf("member", demo);
  await keystone.pause();
  try {
    const waiting = remote.listDrives({}, { token, deadline: new Date(Date.now() + 2000) });
    await expect(waiting).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  } finally {
    keystone.resume();
  }
  expect((await remote.listDrives({}, { token })).drives.length).toBeGreaterThan(0);
});

test("each refusal says who and what, and no token is in the log", async () => {
  await refusedAtBoth("gAAAAAB-nonsense", unauthenticated, demo);
  await refusedAtBoth(await tokenOf("member", demo), forbidden, other);
  const refusals = await until(120_000, "the refusals in the log", async () => {
    const lines = (await service.events("call")).filter(({ outcome }) => outcome === "refused");
    return lines.length >= 12 && lines;
  });
  for (const line of refusals) expect(line).toMatchObject({ method: expect.any(String), reason: expect.any(String) });
  const byToken = refusals.filter(({ token_digest }) => token_digest !== undefined);
  expect(byToken.length).toBeGreaterThanOrEqual(6);
  expect(refusals.filter(({ reason, user_id }) => reason === "FORBIDDEN" && user_id === undefined)).toEqual([]);
  const log = await service.logged();
  for (const token of shown) expect(log.includes(token)).toBe(false);
  expect(log).not.toContain(keystone.password);
});

/** Whether the service refuses to say anything to this token. */
async function isRefused(call: { readonly token: string }): Promise<boolean> {
  try {
    await remote.listDrives({}, call);
    return false;
  } catch (error) {
    return error instanceof RemoteError && error.reason === "UNAUTHENTICATED";
  }
}

/** ListDrives as a service calls it on behalf of a user. */
async function list(tokens: { readonly token: string; readonly serviceToken: string }): Promise<ListDrivesResponse> {
  const client = new DriveServiceClient(`localhost:${port}`, channelCredentials(tls));
  const metadata = new Metadata();
  metadata.set("x-auth-token", tokens.token);
  metadata.set("x-service-token", tokens.serviceToken);
  try {
    return await new Promise((resolve, reject) => {
      const request = ListDrivesRequest.create();
      client.listDrives(request, metadata, (error, answer) =>
        error === null ? resolve(answer) : reject(new RemoteError(error)),
      );
    });
  } finally {
    client.close();
  }
}
