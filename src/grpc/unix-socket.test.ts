import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { placeSocket } from "./unix-socket.js";

let directory: string;
const servers: Server[] = [];

beforeEach(async () => {
  directory = await privateDirectory("socket");
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

function bind(path: string): Promise<void> {
  const server = createServer((socket) => socket.end());
  servers.push(server);
  return new Promise((resolve) => server.listen(path, resolve));
}

test("the socket stands at its path with its mode, and nothing else is left", async () => {
  const path = join(directory, "grpc.sock");
  const socket = await placeSocket(path, bind, 0o600);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(["grpc.sock"]);
  await socket.remove();
  expect(await readdir(directory)).toEqual([]);
});

test("a socket whose process listens is never taken", async () => {
  const path = join(directory, "grpc.sock");
  await placeSocket(path, bind);
  await expect(placeSocket(path, bind)).rejects.toThrow("another process listens there");
});

test("a socket that a dead process left is replaced", async () => {
  const path = join(directory, "grpc.sock");
  await placeSocket(path, bind);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  expect(await readdir(directory)).toEqual(["grpc.sock"]);
  await placeSocket(path, bind);
  expect((await stat(path)).mode & 0o777).toBe(0o660);
});

test("what is no socket is left alone", async () => {
  const path = join(directory, "grpc.sock");
  await writeFile(path, "mine");
  await expect(placeSocket(path, bind)).rejects.toThrow("something that is no socket");
});

test("a socket that another one took the place of is not removed", async () => {
  const path = join(directory, "grpc.sock");
  const first = await placeSocket(path, bind);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  await placeSocket(path, bind);
  await first.remove();
  expect(await readdir(directory)).toEqual(["grpc.sock"]);
});
