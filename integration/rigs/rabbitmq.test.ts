import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect as tlsConnect } from "node:tls";
import { connect } from "amqplib";
import { RabbitMq } from "./rabbitmq.js";

/** Processes whose environment names the directory: everything that belongs to a node, however it was started. */
function processesOf(directory: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(directory);
    } catch {
      return false;
    }
  });
}

test("a private node takes connections, keeps its data over a restart, comes back after a kill, and leaves nothing behind", async () => {
  const broker = await RabbitMq.start({ tls: true });
  try {
    const connection = await connect(broker.url);
    const channel = await connection.createChannel();
    await channel.assertQueue("kept", { durable: true });
    await connection.close();
    expect(await broker.rabbitmqctl("list_queues", "name")).toContain("kept");

    await broker.restart();
    expect(await broker.rabbitmqctl("list_queues", "name")).toContain("kept");
    await broker.kill();
    await expect(connect(broker.url)).rejects.toThrow("ECONNREFUSED");
    await broker.start();

    const { port, certificates } = broker.tls!;
    const ca = readFileSync(certificates.authority);
    await new Promise<void>((resolve, reject) => {
      const socket = tlsConnect({ port, host: "127.0.0.1", servername: "localhost", ca }, () => {
        socket.end();
        resolve();
      });
      socket.once("error", reject);
    });
  } finally {
    await broker.stop();
  }
  expect(existsSync(broker.directory)).toBe(false);
  expect(processesOf(broker.directory)).toEqual([]);
}, 120_000);

test("a node that cannot start says why and leaves nothing behind", async () => {
  await expect(RabbitMq.start({ config: ["no.such.key = 1"] })).rejects.toThrow(/rabbitmq-server ended .*no\.such/s);
}, 60_000);
