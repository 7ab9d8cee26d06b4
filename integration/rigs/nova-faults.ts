import type { ComputeHost, NovaCloud } from "./nova-cloud.js";
import { until } from "./wait.js";

/** Starts the service on a compute host where it was killed, as the host's own start does. Ends when it answers. */
export async function startService(cloud: NovaCloud, host: ComputeHost): Promise<void> {
  await cloud.run(host, "sh", "-c", "setsid as-configdrive >> /var/log/nova/configdrive.log 2>&1 < /dev/null &");
  await until(60_000, `the service on ${host.name} to answer`, async () =>
    cloud.drive(host, "list").then(
      () => true,
      () => false,
    ),
  );
}

/**
 * Restarts RabbitMQ, which closes every connection, and what was in queues that do not last is gone. The process stays: it is one of
 * those that the controller lives with. Ends when nova's programs hear again: what is cast to one that does not is lost.
 */
export async function restartBroker(cloud: NovaCloud): Promise<void> {
  const controller = { name: "controller", container: cloud.controller };
  const ask = (...command: string[]) =>
    cloud.run(controller, "rabbitmqctl", "-q", "-n", "rabbit@localhost", ...command);
  await ask("stop_app");
  await ask("start_app");
  const awaited = ["conductor", "scheduler", ...cloud.computes.map(({ name }) => `compute.${name}`)];
  await until(120_000, `${awaited.join(", ")} to be heard at again`, async () => {
    const lines = (await ask("list_queues", "name", "consumers")).split("\n").map((line) => line.split("\t"));
    const heard = new Set(lines.flatMap(([name = "", consumers]) => (Number(consumers) > 0 ? [name] : [])));
    return awaited.every((queue) => heard.has(queue));
  });
}
