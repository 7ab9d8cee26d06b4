import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { type DatabaseKind, startDatabases } from "../rigs/databases.js";
import type { Door } from "../rigs/door.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { OsloClient } from "../rigs/oslo-client.js";
import { privateDirectory } from "../rigs/private-directory.js";
import type { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";

/** What the contract's cases are tried on. */
export interface Setting extends AsyncDisposable {
  /** One or more ways in to the same service. */
  readonly doors: readonly Door[];
  /** Two instances that run there; fewer, and the cases that need them are left out. */
  readonly instances: readonly string[];
}

/** The service on a database of a kind, with the `file` hypervisor, at both doors; nobody else may be on the broker. */
export async function startSetting(kind: DatabaseKind, { transportUrl }: RabbitMq): Promise<Setting> {
  const scope = new Scope();
  try {
    const databases = await scope.own(startDatabases(kind));
    const { path } = await scope.own(folder("instances"));
    const instances = ["vm-1", "vm-2"];
    for (const instance of instances) await mkdir(join(path, instance));
    const connection = await databases.createDatabase();
    const service = await scope.own(Service.start({ transportUrl, connection, instances: path }));
    const doors = [new GrpcDoor(service.address), await busDoor(scope, transportUrl)];
    return { doors, instances, [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose]() };
  } catch (error) {
    await scope[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * A service that runs somewhere: `unix:/path` or `host:port` for gRPC, a transport URL (`rabbit://…`) for the bus.
 * @param instances - ids of instances that run there and may be given drives
 */
export async function joinSetting(target: string, instances: readonly string[]): Promise<Setting> {
  const scope = new Scope();
  const door = target.includes("://")
    ? await busDoor(scope, target)
    : await scope.own(Promise.resolve(new GrpcDoor(target, "demo", await channelOf(process.env))));
  return { doors: [door], instances, [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose]() };
}

/** With TLS where the environment names who vouches for the service, as the command line has it. */
async function channelOf({ CONFIGDRIVE_CA: ca, CONFIGDRIVE_CERT: cert, CONFIGDRIVE_KEY: key }: NodeJS.ProcessEnv) {
  if (ca === undefined) return credentials.createInsecure();
  if (cert === undefined || key === undefined) return credentials.createSsl(await readFile(ca));
  return credentials.createSsl(await readFile(ca), await readFile(key), await readFile(cert));
}

/** The bus as an oslo.messaging program has it, asking for the newest version of the target. */
async function busDoor(scope: Scope, transportUrl: string): Promise<Door> {
  const client = await scope.own(OsloClient.start(transportUrl));
  return { name: "bus", call: (method, args) => client.call(method, args, { version: "1.2" }) };
}

async function folder(kind: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await privateDirectory(kind);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
