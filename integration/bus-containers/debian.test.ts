import { jest } from "@jest/globals";
import { Network, type StartedNetwork } from "testcontainers";
import { describeMeeting } from "../bus/describe-meeting.js";
import { faults, offTheNetwork } from "../bus/faults.js";
import type { Python } from "../bus/oslo-peer.js";
import { debian12, installNewest, newest } from "../bus/pythons.js";
import { Docker } from "../rigs/docker.js";
import { RabbitMqContainer } from "../rigs/rabbitmq-container.js";
import { cells, elsewhere, optionsOf, queueKinds, type Who } from "./cells.js";
import { OsloContainer } from "./oslo-container.js";

jest.setTimeout(180_000);

const form = process.env.FORM === "full" ? "full" : "short";
let docker: Docker;

beforeAll(async () => {
  docker = await Docker.start();
  if (form === "full") await installNewest(form);
}, 600_000);

afterAll(() => docker?.[Symbol.asyncDispose](), 60_000);

describe.each([
  ["Debian 12", "bookworm"],
  ["Debian 13", "trixie"],
] as const)("RabbitMQ of %s", (_name, release) => {
  let network: StartedNetwork;
  let broker: RabbitMqContainer;
  let oslo: OsloContainer | undefined;

  beforeAll(async () => {
    network = await new Network().start();
    broker = await RabbitMqContainer.start(docker, release, { network });
    process.stdout.write(`RabbitMQ ${(await broker.rabbitmqctl("version")).trim()}\n`);
    if (cells(release, form).some(({ who }) => who === "Debian 13"))
      oslo = await OsloContainer.start(docker, "trixie", network);
  }, 900_000);

  afterAll(async () => {
    await oslo?.[Symbol.asyncDispose]();
    await broker?.[Symbol.asyncDispose]();
    await network?.stop();
  }, 120_000);

  function python(who: Who): Python {
    if (who !== "Debian 13") return who === "newest" ? newest : debian12;
    if (oslo === undefined) throw new Error("the container of Debian 13's Python is not there");
    return oslo.python;
  }

  describe.each(cells(release, form))("oslo.messaging of $who, $executor, $variant", ({ who, executor, variant }) => {
    describeMeeting(() => {
      const theirUrl = who === "Debian 13" ? broker.insideUrl : broker.transportUrl;
      return { python: python(who), executor, options: optionsOf(variant), theirUrl, ourUrl: broker.transportUrl };
    });
  });

  describe.each(queueKinds(release, form))("under load, on %s queues", (kind) => {
    const ground = { topic: `load_${kind}`, options: optionsOf(kind) };

    for (const [name, fault] of Object.entries(faults)) {
      if (form === "short" && elsewhere.some((one) => one === name)) continue;
      test(name, () => fault({ ...ground, broker }));
    }

    test("the broker leaves its network and comes back: its own connections are half-open", async () => {
      await offTheNetwork(broker, ground);
    });
  });
});
