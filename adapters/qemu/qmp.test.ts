import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QmpClient } from "./qmp.js";

const GREETING = '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}\r\n';
const never = new AbortController().signal;

interface Command {
  readonly execute: string;
  readonly id: number;
}

let folder: string;
let server: Server | undefined;
let peers: Socket[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "qmp-"));
  peers = [];
});

afterEach(async () => {
  for (const peer of peers) peer.destroy();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
  await rm(folder, { recursive: true });
});

/** A monitor that greets, agrees to capabilities and leaves every other command to the test. */
async function monitor(answer: (command: Command, peer: Socket) => void, greeting = GREETING): Promise<string> {
  const path = join(folder, "qmp.sock");
  server = createServer((peer) => {
    peers.push(peer);
    peer.write(greeting);
    let text = "";
    peer.on("data", (chunk) => {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const command: Command = JSON.parse(line);
        if (command.execute === "qmp_capabilities") reply(peer, { return: {}, id: command.id });
        else answer(command, peer);
      }
    });
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return path;
}

function reply(peer: Socket, message: object): void {
  peer.write(`${JSON.stringify(message)}\r\n`);
}

test("a command's return value comes back, whatever lies between and however it is cut", async () => {
  const path = await monitor(({ id }, peer) => {
    const bytes = Buffer.from(`{"event": "STOP", "timestamp": {}}\r\n{"return": {"größe": 1}, "id": ${id}}\r\n`);
    for (const byte of bytes) peer.write(Buffer.from([byte]));
  });
  await using client = await QmpClient.connect(path, 1000, never);
  await expect(client.execute("query-status", {}, never)).resolves.toEqual({ größe: 1 });
});

test("answers find their own commands", async () => {
  const waiting: number[] = [];
  const path = await monitor(({ id }, peer) => {
    waiting.push(id);
    if (waiting.length === 2) for (const each of waiting.reverse()) reply(peer, { return: each, id: each });
  });
  await using client = await QmpClient.connect(path, 1000, never);
  const [first, second] = await Promise.all([client.execute("a", {}, never), client.execute("b", {}, never)]);
  expect(Number(second)).toBe(Number(first) + 1);
});

test("an error carries QEMU's class and text", async () => {
  const path = await monitor(({ id }, peer) => reply(peer, { error: { class: "DeviceNotFound", desc: "no d" }, id }));
  await using client = await QmpClient.connect(path, 1000, never);
  await expect(client.execute("device_del", { id: "d" }, never)).rejects.toMatchObject({
    name: "QmpCommandError",
    command: "device_del",
    errorClass: "DeviceNotFound",
    description: "no d",
  });
});

test("an event that comes before the answer is not missed", async () => {
  const path = await monitor(({ id }, peer) => {
    reply(peer, { event: "DEVICE_DELETED", data: { device: "d" } });
    reply(peer, { return: {}, id });
  });
  await using client = await QmpClient.connect(path, 1000, never);
  const events = client.listen(never);
  await client.execute("device_del", { id: "d" }, never);
  await expect(events.next()).resolves.toEqual({
    done: false,
    value: { event: "DEVICE_DELETED", data: { device: "d" } },
  });
});

test("a command ends at its deadline, and its late answer harms no other", async () => {
  let late: (() => void) | undefined;
  const path = await monitor(({ execute, id }, peer) => {
    if (execute === "slow") late = () => reply(peer, { return: "late", id });
    else {
      late?.();
      reply(peer, { return: "quick", id });
    }
  });
  await using client = await QmpClient.connect(path, 1000, never);
  await expect(client.execute("slow", {}, AbortSignal.timeout(20))).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(client.execute("quick", {}, never)).resolves.toBe("quick");
});

test("a monitor that goes away ends commands, and events end", async () => {
  const path = await monitor((_, peer) => peer.destroy());
  await using client = await QmpClient.connect(path, 1000, never);
  const events = client.listen(never);
  await expect(client.execute("quit", {}, never)).rejects.toMatchObject({ name: "QmpConnectionLost" });
  await expect(events.next()).resolves.toMatchObject({ done: true });
  await expect(client.execute("query-status", {}, never)).rejects.toMatchObject({ name: "QmpConnectionLost" });
});

test.each([
  ["no JSON", "HTTP/1.1 400 Bad Request\r\n"],
  ["JSON of another kind", '{"jsonrpc": "2.0"}\n'],
])("a peer that speaks %s is left", async (_, greeting) => {
  const path = await monitor(() => undefined, greeting);
  await expect(QmpClient.connect(path, 1000, never)).rejects.toMatchObject({
    name: "QmpConnectionLost",
    why: expect.stringContaining("does not speak QMP"),
  });
});

test("a monitor that another client holds gives no greeting", async () => {
  const path = await monitor(() => undefined, "");
  await expect(QmpClient.connect(path, 30, never)).rejects.toMatchObject({ code: "NO_GREETING" });
});

test("the caller's signal ends the wait for a greeting with its own reason", async () => {
  const path = await monitor(() => undefined, "");
  await expect(QmpClient.connect(path, 5000, AbortSignal.timeout(20))).rejects.toMatchObject({ name: "TimeoutError" });
});

test("a socket that is not there, and one that nobody listens at", async () => {
  await expect(QmpClient.connect(join(folder, "none"), 1000, never)).rejects.toMatchObject({ code: "ENOENT" });
});
