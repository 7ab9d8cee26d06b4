import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { jest } from "@jest/globals";
import { connect } from "amqplib";
import { Served } from "../bus/served.js";
import { freePort } from "../rigs/ports.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Service } from "../rigs/service.js";

jest.setTimeout(60_000);

const run = promisify(execFile);
const CONFIGDRIVE = { exchange: "configdrive", topic: "configdrive" };
let broker: RabbitMq;

beforeAll(async () => {
  broker = await RabbitMq.start();
}, 120_000);

afterAll(async () => {
  await broker?.stop();
}, 60_000);

/** What `configdrive doctor` prints and whether it is content. */
async function doctor(transportUrl: string, ...args: string[]): Promise<{ content: boolean; text: string }> {
  const file = join(broker.directory, "doctor.conf");
  await writeFile(file, `[DEFAULT]\ntransport_url = ${transportUrl}\n`, { mode: 0o600 });
  const { NODE_OPTIONS: _, ...env } = process.env;
  const command = ["doctor", "--config-file", file, ...args];
  return run(resolve("bin/configdrive"), command, { env }).then(
    ({ stdout }) => ({ content: true, text: stdout }),
    (error: { stdout?: string }) => ({ content: false, text: error.stdout ?? String(error) }),
  );
}

test("a user that the broker does not let in, a virtual host that is not there, a broker that is away", async () => {
  const { port } = broker;
  const cases = [
    [`rabbit://nova:mistyped@127.0.0.1:${port}/`, "refused the login", "authenticate_user nova"],
    [
      `${broker.transportUrl.replace(/\/[^/]*$/, "/elsewhere")}`,
      "refused the virtual host",
      "set_permissions -p elsewhere",
    ],
    [`rabbit://a:b@127.0.0.1:${await freePort()}/`, "ECONNREFUSED", "Is the broker up"],
  ] as const;
  for (const [url, says, advice] of cases) {
    const { content, text } = await doctor(url);
    expect(content).toBe(false);
    expect(text).toContain(says);
    expect(text).toContain(advice);
    expect(text).not.toMatch(/mistyped/);
  }
});

test("a user without a permission is told which", async () => {
  await broker.rabbitmqctl("add_user", "narrow", "secret");
  for (const [permissions, needs] of [
    [["", ".*", ".*"], "configure"],
    [[".*", "", ".*"], "write"],
    [[".*", ".*", ""], "read"],
  ] as const) {
    await broker.rabbitmqctl("set_permissions", "-p", "/", "narrow", ...permissions);
    const { content, text } = await doctor(`rabbit://narrow:secret@127.0.0.1:${broker.port}/`);
    expect(content).toBe(false);
    expect(text).toContain(`the permission "${needs}" is missing`);
    expect(text).toContain("set_permissions -p / narrow");
  }
});

test("a topic that nobody serves, one that is served, and a host without the plugin", async () => {
  const without = await doctor(broker.transportUrl);
  expect(without).toMatchObject({ content: false, text: expect.stringContaining("nobody serves it: the service") });
  const service = await Service.start({ transportUrl: broker.transportUrl });
  try {
    const served = await doctor(broker.transportUrl);
    expect(served).toMatchObject({
      content: true,
      text: expect.stringMatching(/fine +topic configdrive: the service answers/),
    });
    const findings = JSON.parse((await doctor(broker.transportUrl, "--json")).text);
    expect(findings).toContainEqual({ state: "fine", subject: "topic configdrive", says: expect.any(String) });
    const { content, text } = await doctor(broker.transportUrl, "--compute", "compute1");
    expect(content).toBe(false);
    expect(text).toMatch(/wrong +topic configdrive_plugin.compute1: nobody serves it/);
    expect(text).toContain("compute_driver = configdrive_bridge.LibvirtDriver");
  } finally {
    await service[Symbol.asyncDispose]();
  }
});

test("a service that is older than the program", async () => {
  await using _older = await Served.start(
    broker.transportUrl,
    [{ version: "1.0", methods: new Map() }],
    {},
    CONFIGDRIVE,
  );
  const { content, text } = await doctor(broker.transportUrl);
  expect(content).toBe(false);
  expect(text).toMatch(/wrong +topic configdrive: the service is older than this program/);
  expect(text).toContain("[upgrade_levels] configdrive");
});

test("somebody who serves the topic at another exchange", async () => {
  const model = await connect(broker.url);
  try {
    const channel = await model.createChannel();
    await channel.deleteQueue("configdrive");
    await channel.assertExchange("openstack", "topic", { durable: false });
    await channel.assertQueue("configdrive", { durable: false });
    await channel.bindQueue("configdrive", "openstack", "configdrive");
    await channel.consume("configdrive", () => undefined);
    const { content, text } = await doctor(broker.transportUrl);
    expect(content).toBe(false);
    expect(text).toContain("nothing reaches it at exchange configdrive");
  } finally {
    await model.close();
  }
});
