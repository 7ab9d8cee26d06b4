import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { jest } from "@jest/globals";
import { parse } from "yaml";
import { z } from "zod";
import { Agent } from "../rigs/agent.js";
import { driveOf } from "../rigs/drive-answer.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { until } from "../rigs/wait.js";

const run = promisify(execFile);
// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(300_000);

/** `[oslo_messaging_rabbit]` as kolla-ansible 2026 has it in every service's file, without TLS. */
const RABBIT = [
  "[oslo_messaging_rabbit]",
  "use_queue_manager = true",
  "heartbeat_in_pthread = false",
  "rabbit_quorum_queue = true",
  "rabbit_stream_fanout = true",
  "rabbit_qos_prefetch_count = 50",
  "rabbit_transient_quorum_queue = true",
];

const scope = new Scope();
let directory: string;
beforeAll(async () => {
  directory = await privateDirectory("kolla");
});
afterAll(async () => {
  await scope[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** The files that the page shows, by the path that stands above each. */
async function shown(): Promise<ReadonlyMap<string, string>> {
  const page = await readFile("docs/kolla.md", "utf8");
  const files = page.matchAll(/^`([^`]+)`[^\n]*:\n\n```\w+\n(.*?)^```$/gms);
  return new Map([...files].map(([, path, text]) => [path ?? "", text ?? ""]));
}

const checked = z.object({
  usable: z.boolean(),
  warnings: z.array(z.string()),
  service: z.record(z.string(), z.unknown()),
});

test("docs/kolla.md: what is laid over nova-compute's file is in it, and the agent can use the two files", async () => {
  const files = await shown();
  const [base, override, merged, agent] = ["base", "override", "nova.conf", "agent.conf"].map((name) =>
    join(directory, name),
  ) as [string, string, string, string];
  const hosts = ["10.0.0.1", "10.0.0.2"].map((host) => `openstack:secret@${host}:5672`).join(",");
  const nova = ["[DEFAULT]", "compute_driver = libvirt.LibvirtDriver", `transport_url = rabbit://${hosts}//`];
  await writeFile(base, [...nova, "[upgrade_levels]", "compute = auto", ...RABBIT, ""].join("\n"));
  await writeFile(override, files.get("/etc/kolla/config/nova/nova-compute.conf") ?? "");
  await writeFile(agent, files.get("/etc/kolla/configdrive/configdrive.conf") ?? "");
  await run("/usr/bin/python3", [resolve("integration/operate/peers/merge_ini.py"), merged, base, override]);
  const text = await readFile(merged, "utf8");
  expect(text.match(/^compute_driver = .*$/gm)).toEqual(["compute_driver = configdrive_bridge.LibvirtDriver"]);
  expect(text).toContain("[configdrive_bridge]\nwhen_unavailable");
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = ["config", "check", "--json", "--config-file", merged, "--config-file", agent];
  const { stdout } = await run("bin/configdrive", args, { env });
  expect(checked.parse(JSON.parse(stdout))).toMatchObject({
    usable: true,
    warnings: [],
    service: { role: "agent", bus: ["10.0.0.1:5672", "10.0.0.2:5672"], hypervisor: "nova" },
  });
});

test("docs/kolla.md: the mounts and ProxySQL's user are as kolla reads them", async () => {
  const files = await shown();
  expect(parse(files.get("/etc/kolla/globals.yml") ?? "")).toEqual({
    nova_compute_extra_volumes: ["/var/lib/configdrive:/var/lib/configdrive:ro"],
  });
  expect(parse(files.get("/etc/kolla/proxysql/users/configdrive.yaml") ?? "")).toMatchObject({
    mysql_users: [{ username: "configdrive", default_hostgroup: 0, transaction_persistent: 1, active: 1 }],
  });
});

test("service, agent and doctor on one host, whose queues have names that are kept: nobody takes another's replies", async () => {
  const broker = await scope.own(RabbitMq.start());
  const { transportUrl } = broker;
  const agent = await scope.own(Agent.start({ host: "aio", transportUrl, config: RABBIT }));
  await agent.run("vm-1");
  const config = ["[DEFAULT]", "role = service", "[agent]", "report_interval = 0.5", ...RABBIT];
  const service = await scope.own(Service.start({ transportUrl, config }));
  await service.healthy("configdrive.hosts");
  const door = await scope.own(Promise.resolve(new GrpcDoor(service.address)));
  const blob = { data: Buffer.from("kolla").toString("base64") };
  const { id: drive_id } = driveOf(await door.call("populate_volume", { request_id: randomUUID(), blob }));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const asked = run("bin/configdrive", ["doctor", "--json", "--config-file", service.configFile], { env });
  asked.catch(() => undefined);
  for (let turn = 0; turn < 5; turn += 1) {
    const about = { drive_id, instance_id: "vm-1" };
    await door.call("attach_drive", { request_id: randomUUID(), ...about });
    await door.call("detach_drive", { request_id: randomUUID(), ...about });
  }
  const findings = z.array(z.looseObject({ state: z.string() })).parse(JSON.parse((await asked).stdout));
  expect(findings.map(({ state }) => state)).not.toContain("wrong");
  // The name of the service's queue is the one that is kept; whoever comes and goes has another. RabbitMQ counts a quorum queue's consumers
  // every five seconds only.
  const kept = async () => {
    const listed = await broker.rabbitmqctl("list_queues", "--quiet", "--no-table-headers", "name", "consumers");
    return listed.split("\n").filter((line) => /^reply_.*:/.test(line));
  };
  const counted = await until(60_000, "a consumer on every queue that is kept", async () => {
    const lines = await kept();
    return lines.length > 0 && lines.every((line) => !line.endsWith("\t0")) && lines;
  });
  expect(counted).toEqual([expect.stringMatching(/^reply_.+:configdrive:1\t1$/)]);
});
