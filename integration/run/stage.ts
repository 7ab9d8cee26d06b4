import { Guest } from "#integration/rigs/guest.js";
import { OsloClient } from "#integration/rigs/oslo-client.js";
import { freePort } from "#integration/rigs/ports.js";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import type { Scope } from "#integration/rigs/scope.js";
import { Service } from "#integration/rigs/service.js";
import { Started, type Terminal } from "./terminal.js";

/** Everything the story plays on. */
export interface Stage {
  readonly transportUrl: string;
  readonly service: Service;
  readonly guest: Guest;
  readonly client: OsloClient;
}

/**
 * Sets up the real parts, private to this run and side by side where they can be: a broker (unless one is named), the
 * service, a guest, and the caller. The scope stops them.
 */
export async function setUp(terminal: Terminal, scope: Scope, namedBus: string | undefined): Promise<Stage> {
  const guestStarting = new Started(scope.own(Guest.start({ machine: "q35" })));
  const transportUrl = namedBus ?? (await startBroker(terminal, scope));
  if (namedBus !== undefined) terminal.line("  · the bus is the one that TRANSPORT_URL names");
  const clientStarting = new Started(scope.own(OsloClient.start(transportUrl)));

  const guest = await terminal.step("a guest, under QEMU's own emulation", guestStarting);
  const kernel = (await guest.check("uname -r")).trim();
  terminal.detail(`QEMU ${await guest.qemuVersion()}, machine ${guest.machine}, Linux ${kernel}`);
  terminal.detail(`instance ${guest.instanceId}`);

  const listen = `127.0.0.1:${await freePort()}`;
  const qmpSocket = guest.qmpSocket.replace(guest.instanceId, "{instance_id}");
  const service = await terminal.step("bin/configdrive serve, the service", () =>
    scope.own(Service.start({ transportUrl, listen, qmpSocket })),
  );
  terminal.detail(
    `gRPC ${service.address}; on the bus: exchange configdrive, topic configdrive; process ${service.pid}`,
  );

  const client = await terminal.step("an unmodified Python oslo.messaging RPC client", clientStarting);
  terminal.detail(`oslo.messaging ${client.version}, integration/run/client.py`);
  return { transportUrl, service, guest, client };
}

async function startBroker(terminal: Terminal, scope: Scope): Promise<string> {
  const broker = await terminal.step("a private RabbitMQ node", () => scope.own(RabbitMq.start()));
  terminal.detail(`RabbitMQ ${broker.version}, ${broker.transportUrl}`);
  return broker.transportUrl;
}
