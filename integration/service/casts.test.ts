import { randomUUID } from "node:crypto";
import { z } from "zod";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { OsloClient } from "#integration/rigs/oslo-client.js";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import { Service } from "#integration/rigs/service.js";
import { until } from "#integration/rigs/wait.js";

const CASTS = process.env.FORM === "full" ? 400 : 60;
const page = z.object({ drives: z.array(z.object({ id: z.string() })), next_page_token: z.string() });

/** How many drives there are. */
async function count(door: GrpcDoor): Promise<number> {
  let [drives, token] = [0, ""];
  do {
    const answer = page.parse(await door.call("list_drives", { page_size: 1000, page_token: token }));
    drives += answer.drives.length;
    token = answer.next_page_token;
  } while (token !== "");
  return drives;
}

test.each(["terminate", "kill"] as const)(
  "nobody waits for a cast, and yet none is lost or carried out twice when the service is stopped in the middle: %s",
  async (how) => {
    await using broker = await RabbitMq.start();
    await using service = await Service.start({ transportUrl: broker.transportUrl });
    await using door = new GrpcDoor(service.address);
    await using caller = await OsloClient.start(broker.transportUrl);
    const blob = { data: Buffer.alloc(65_536, 7).toString("base64") };
    const casts = Array.from({ length: CASTS }, () =>
      caller.call("populate_volume", { request_id: randomUUID(), blob }, { cast: true }),
    );
    for (const part of [0.2, 0.5]) {
      await casts[Math.floor(CASTS * part)];
      await service[how]();
      await service.start();
    }
    await Promise.all(casts);
    await until(60_000, `${CASTS} drives`, async () => (await count(door)) >= CASTS);
    await service.healthy("configdrive.bus");
    await until(60_000, "every cast to be acknowledged", async () => {
      const queues = await broker.rabbitmqctl("list_queues", "--silent", "--no-table-headers", "name", "messages");
      return /^configdrive\t0$/m.test(queues);
    });
    expect(await count(door)).toBe(CASTS);
  },
  180_000,
);
