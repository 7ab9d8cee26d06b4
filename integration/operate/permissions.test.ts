import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { jest } from "@jest/globals";
import { type ConfirmChannel, connect } from "amqplib";
import { Agent } from "../rigs/agent.js";
import { Child } from "../rigs/child.js";
import { driveOf } from "../rigs/drive-answer.js";
import { OsloClient } from "../rigs/oslo-client.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { within } from "../rigs/wait.js";
import { AuditListener } from "./audit-listener.js";

const run = promisify(execFile);
// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(300_000);

const ROLES = ["service", "agent", "nova", "caller", "doctor", "audit"] as const;
type Role = (typeof ROLES)[number];
const PASSWORD = "try-it";

const scope = new Scope();
let directory: string;
let broker: RabbitMq;
let agent: Agent;
let python: OsloClient;
let listener: AuditListener;

const urlOf = (role: Role) => `rabbit://configdrive-${role}:${PASSWORD}@${broker.host}:${broker.port}/`;

/** The commands of docs/security.md, as a shell would split them. */
async function documented(): Promise<readonly (readonly string[])[]> {
  const page = await readFile("docs/security.md", "utf8");
  const lines = page.split("\n").filter((line) => line.startsWith("rabbitmqctl set_"));
  return lines.map((line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ""));
}

beforeAll(async () => {
  directory = await privateDirectory("operate-permissions");
  broker = await scope.own(RabbitMq.start());
  for (const role of ROLES) await broker.rabbitmqctl("add_user", `configdrive-${role}`, PASSWORD);
  const commands = await documented();
  expect(new Set(commands.map((command) => command[4]))).toEqual(new Set(ROLES.map((role) => `configdrive-${role}`)));
  for (const [, ...command] of commands) await broker.rabbitmqctl(...command);
  agent = await scope.own(Agent.start({ host: "compute-7", transportUrl: urlOf("agent") }));
  const config = ["[DEFAULT]", "role = service", "[agent]", "report_interval = 0.5"];
  config.push("[audit]", "topics = configdrive_audit");
  await scope.own(Service.start({ transportUrl: urlOf("service"), config }));
  listener = await scope.own(AuditListener.start(urlOf("audit"), "configdrive_notifications", "configdrive_audit"));
  python = await scope.own(OsloClient.start(urlOf("caller")));
}, 240_000);
afterAll(async () => {
  await scope[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

test("a drive's life works, with a caller, a service, an agent and a listener of audit events", async () => {
  await agent.run("vm-1");
  const ask = (drive_id = "") => ({ request_id: randomUUID(), drive_id });
  const blob = { data: Buffer.from("seen").toString("base64") };
  const { id } = driveOf(await python.call("populate_volume", { ...ask(), blob }));
  await python.call("attach_drive", { ...ask(id), instance_id: "vm-1", host: "compute-7" });
  expect((await agent.seenBy("vm-1"))[id]?.subarray(0, 4).toString()).toBe("seen");
  await python.call("refresh_drive", ask(id));
  await python.call("detach_drive", { ...ask(id), instance_id: "vm-1" });
  await python.call("delete_drive", ask(id));
  const methods = ["populate_volume", "attach_drive", "refresh_drive", "detach_drive", "delete_drive"];
  const heard = new Set<string>();
  while (heard.size < methods.length) heard.add((await listener.next()).event_type);
  expect(heard).toEqual(new Set(methods.map((method) => `configdrive.${method}.end`)));
});

test("the plugin is answered by a cast and asked by the doctor, who finds nothing wrong", async () => {
  const program = resolve("integration/operate/peers/plugin.py");
  const args = [program, "--url", urlOf("nova"), "--host", "compute-7"];
  const plugin = await Child.start("/usr/bin/python3", args, { log: join(directory, "plugin.log"), piped: true });
  try {
    const line = await within(120_000, "the service's answer to the plugin", plugin.lines.next());
    expect(JSON.parse(line ?? plugin.tail())).toMatchObject({ result: expect.any(String), failure: null });
    const file = join(directory, "doctor.conf");
    await writeFile(file, `[DEFAULT]\ntransport_url = ${urlOf("doctor")}\n`, { mode: 0o600 });
    const { NODE_OPTIONS: _, ...env } = process.env;
    const doctor = ["doctor", "--config-file", file, "--compute", "compute-7"];
    const { stdout } = await run(resolve("bin/configdrive"), doctor, { env });
    expect(stdout).toContain("may declare, send and take");
  } finally {
    await plugin.stop("SIGKILL");
    plugin.lines.close();
  }
});

type Attempt = (channel: ConfirmChannel) => Promise<unknown>;
const take =
  (queue: string): Attempt =>
  (channel) =>
    channel.get(queue, { noAck: false });
const declare =
  (queue: string): Attempt =>
  (channel) =>
    channel.assertQueue(queue, { durable: false });
const remove =
  (queue: string): Attempt =>
  (channel) =>
    channel.deleteQueue(queue);
const bind =
  (queue: string, key: string): Attempt =>
  async (channel) => {
    await channel.assertQueue(queue, { durable: false });
    await channel.bindQueue(queue, "configdrive", key);
  };
const send =
  (exchange: string, key: string): Attempt =>
  async (channel) => {
    const refused = new Promise<never>((_, reject) => channel.once("error", reject));
    refused.catch(() => undefined);
    channel.publish(exchange, key, Buffer.from("{}"));
    // A channel that the broker closed confirms nothing; why it did comes with its error.
    await channel.waitForConfirms().catch(() => refused);
  };

test.each<[Role, string, Attempt]>([
  ["caller", "take others' requests", take("configdrive")],
  ["caller", "command an agent", send("configdrive", "configdrive_agent.compute-7")],
  ["caller", "speak to all agents", send("configdrive_agent_fanout", "")],
  ["caller", "put a message into any queue", send("", "configdrive_agent.compute-7")],
  ["caller", "pass for a service", declare("configdrive_hosts")],
  ["caller", "pass for an agent", declare("configdrive_agent.compute-8")],
  ["caller", "hear audit events", take("configdrive_audit.audit")],
  ["caller", "take away an agent's queue", remove("configdrive_agent.compute-7")],
  ["agent", "hear what other hosts report", take("configdrive_hosts")],
  ["agent", "take what one service alone is sent", take("configdrive.compute-1")],
  ["agent", "make requests by the exchange", send("configdrive", "configdrive")],
  ["agent", "have requests sent to a queue of its own", bind("configdrive_agent", "configdrive")],
  ["agent", "pass for nova-compute's plugin", declare("configdrive_plugin.compute-8")],
  ["agent", "hear audit events", take("configdrive_audit.audit")],
  ["nova", "command an agent", send("configdrive", "configdrive_agent.compute-7")],
  ["nova", "pass for an agent", declare("configdrive_agent.compute-8")],
  ["nova", "have requests sent to a queue of its own", bind("configdrive_plugin", "configdrive")],
  ["doctor", "take others' requests", take("configdrive")],
  ["doctor", "command an agent", send("configdrive", "configdrive_agent.compute-7")],
  ["audit", "take others' requests", take("configdrive")],
  ["audit", "make requests", send("configdrive", "configdrive")],
  ["audit", "make events up", send("configdrive_notifications", "configdrive_audit.audit")],
  ["service", "take what agents are sent", take("configdrive_agent.compute-7")],
  ["service", "pass for an agent", declare("configdrive_agent.compute-8")],
  ["service", "have agents' commands sent to a queue of its own", bind("configdrive", "configdrive_agent.compute-7")],
  ["service", "touch others' queues", declare("compute.compute-7")],
])("%s may not %s", async (role, _what, attempt) => {
  const connection = await connect(urlOf(role).replace("rabbit:", "amqp:").replace(/\/$/, "/%2F"));
  try {
    const channel = await connection.createConfirmChannel();
    channel.on("error", () => undefined);
    await expect(attempt(channel)).rejects.toThrow(/ACCESS[_-]REFUSED/);
  } finally {
    await connection.close();
  }
});
