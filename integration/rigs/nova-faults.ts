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
 * those that the controller lives with. Ends when nova's services are heard again.
 */
export async function restartBroker(cloud: NovaCloud): Promise<void> {
  const controller = { name: "controller", container: cloud.controller };
  for (const step of ["stop_app", "start_app"]) {
    await cloud.run(controller, "rabbitmqctl", "-q", "-n", "rabbit@localhost", step);
  }
  await until(
    120_000,
    "the compute hosts to be up",
    async () => (await cloud.api.hosts()) === cloud.computes.length,
    500,
  );
}
