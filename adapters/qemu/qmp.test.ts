import { QmpClient } from "./qmp.js";
import { type Script, ScriptedMonitor } from "./scripted-monitor.js";

const never = new AbortController().signal;

let monitor: ScriptedMonitor | undefined;
afterEach(async () => {
  await monitor?.[Symbol.asyncDispose]();
  monitor = undefined;
});

/** Opens a monitor for one test and gives its path. */
async function scripted(script: Script, greeting?: string): Promise<string> {
  monitor = await ScriptedMonitor.open(script, greeting);
  return monitor.path;
}

test("a command's return value comes back, whatever lies between and however it is cut", async () => {
  const path = await scripted(({ id }, _, peer) => {
    const bytes = Buffer.from(`{"event": "STOP", "timestamp": {}}\r\n{"return": {"größe": 1}, "id": ${id}}\r\n`);
    for (const byte of bytes) peer.write(Buffer.from([byte]));
  });
  await using client = await QmpClient.connect(path, 1000, never);
  await expect(client.execute("query-status", {}, never)).resolves.toEqual({ größe: 1 });
});

test("answers find their own commands", async () => {
  const waiting: number[] = [];
  const path = await scripted(({ id }, reply) => {
    waiting.push(id);
    if (waiting.length === 2) for (const each of waiting.reverse()) reply({ return: each, id: each });
  });
  await using client = await QmpClient.connect(path, 1000, never);
  const [first, second] = await Promise.all([client.execute("a", {}, never), client.execute("b", {}, never)]);
  expect(Number(second)).toBe(Number(first) + 1);
});

test("an error carries QEMU's class and text", async () => {
  const path = await scripted(({ id }, reply) => reply({ error: { class: "DeviceNotFound", desc: "no d" }, id }));
  await using client = await QmpClient.connect(path, 1000, never);
  await expect(client.execute("device_del", { id: "d" }, never)).rejects.toMatchObject({
    name: "QmpCommandError",
    command: "device_del",
    errorClass: "DeviceNotFound",
    description: "no d",
  });
});

test("an event that comes before the answer is not missed", async () => {
  const path = await scripted(({ id }, reply) => {
    reply({ event: "DEVICE_DELETED", data: { device: "d" } });
    reply({ return: {}, id });
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
  const path = await scripted(({ execute, id }, reply) => {
    if (execute === "slow") late = () => reply({ return: "late", id });
    else {
      late?.();
      reply({ return: "quick", id });
    }
  });
  await using client = await QmpClient.connect(path, 1000, never);
  await expect(client.execute("slow", {}, AbortSignal.timeout(20))).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(client.execute("quick", {}, never)).resolves.toBe("quick");
});

test("a monitor that goes away ends commands, and events end", async () => {
  const path = await scripted((_command, _reply, peer) => peer.destroy());
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
  const path = await scripted(() => undefined, greeting);
  await expect(QmpClient.connect(path, 1000, never)).rejects.toMatchObject({
    name: "QmpConnectionLost",
    why: expect.stringContaining("does not speak QMP"),
  });
});

test("a monitor that another client holds gives no greeting", async () => {
  const path = await scripted(() => undefined, "");
  await expect(QmpClient.connect(path, 30, never)).rejects.toMatchObject({ code: "NO_GREETING" });
});

test("the caller's signal ends the wait for a greeting with its own reason", async () => {
  const path = await scripted(() => undefined, "");
  await expect(QmpClient.connect(path, 5000, AbortSignal.timeout(20))).rejects.toMatchObject({ name: "TimeoutError" });
});

test("a socket that is not there", async () => {
  await expect(QmpClient.connect("/tmp/configdrive-no-such-socket", 1000, never)).rejects.toMatchObject({
    code: "ENOENT",
  });
});
