import { z } from "zod";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { OsloClient } from "#integration/rigs/oslo-client.js";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import { Service } from "#integration/rigs/service.js";
import { until } from "#integration/rigs/wait.js";
import { populate } from "./calls.js";

const BUS = "configdrive.bus";

test("while the broker is away gRPC serves and health says so; when it is back the bus serves again", async () => {
  await using broker = await RabbitMq.start();
  await broker.shutdown();
  await using service = await Service.make({ transportUrl: broker.transportUrl });
  await service.start();
  await using door = new GrpcDoor(service.address);
  expect(await service.health(BUS)).toBe("NOT_SERVING");
  expect(await service.health("")).toBe("SERVING");
  await populate(door, 1);

  for (let turn = 0; turn < 2; turn++) {
    await broker.start();
    await service.healthy(BUS, 60_000);
    await using caller = await OsloClient.start(broker.transportUrl);
    await populate(caller, 2);
    await broker.kill();
    await until(
      60_000,
      "health to say that the bus is gone",
      async () => (await service.health(BUS)) === "NOT_SERVING",
    );
    expect(await service.health("")).toBe("SERVING");
    await populate(door, 3);
  }
  expect(await service.terminate()).toBe(0);
}, 180_000);

test("a service that says that it is ready, and reached at the bus, is healthy there already", async () => {
  await using broker = await RabbitMq.start();
  await using service = await Service.make({ transportUrl: broker.transportUrl });
  const ready = z.object({ endpoints: z.object({ bus: z.object({ listening: z.boolean() }) }) });
  for (let starts = 1; ; starts += 1) {
    await service.start();
    const line = await until(
      60_000,
      "the service to be ready",
      async () => (await service.events("ready"))[starts - 1],
    );
    // On a machine without time for it, it does not wait for the broker any longer.
    if (ready.parse(line).endpoints.bus.listening) break;
    await service.terminate();
  }
  expect(await service.health(BUS)).toBe("SERVING");
}, 180_000);
