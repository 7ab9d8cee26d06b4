import { jest } from "@jest/globals";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { describeAsClient } from "./as-client.js";
import { describeAsServer } from "./as-server.js";
import { cells, debian13Cells, variants } from "./cells.js";
import { Debian13 } from "./debian13.js";
import { Meeting, type MeetingSetup } from "./meeting.js";
import { describeMonitoredCalls } from "./monitored-calls.js";
import { describeNotifications } from "./notified.js";
import { debian12, installNewest, newest } from "./pythons.js";

// Python tries hosts that are down one after the other, with a second between.
jest.setTimeout(60_000);

const form = process.env.FORM === "full" ? "full" : "short";
let broker: RabbitMq;

beforeAll(async () => {
  await installNewest(form);
  broker = await RabbitMq.start({
    tls: true,
    plugins: ["rabbitmq_auth_mechanism_ssl"],
    config: [
      ...["PLAIN", "AMQPLAIN", "EXTERNAL"].map((mechanism, index) => `auth_mechanisms.${index + 1} = ${mechanism}`),
      "ssl_options.verify = verify_peer",
      "ssl_options.fail_if_no_peer_cert = false",
      "ssl_cert_login_from = common_name",
    ],
  });
  process.stdout.write(`RabbitMQ ${(await broker.rabbitmqctl("version")).trim()}\n`);
  await broker.rabbitmqctl(
    "eval",
    'rabbit_auth_backend_internal:add_user(<<"client">>, <<"">>, <<"rig">>), ' +
      'rabbit_auth_backend_internal:set_permissions(<<"client">>, <<"/">>, <<".*">>, <<".*">>, <<".*">>, <<"rig">>).',
  );
}, 300_000);

afterAll(() => broker?.stop(), 60_000);

describe.each(cells(form))("oslo.messaging of $python.name, $executor, $variant", ({ python, executor, variant }) => {
  describeMeeting(() => {
    const { options, transportUrl } = variants(broker).get(variant) ?? { options: {}, transportUrl: "" };
    return { python, executor, options, theirUrl: transportUrl, ourUrl: transportUrl };
  });
});

// Containers take their time, so only in full.
if (form === "full") {
  describe("Debian 13: RabbitMQ 4.0 and oslo.messaging 16.1", () => {
    let debian13: Debian13;
    beforeAll(async () => {
      debian13 = await Debian13.start();
      process.stdout.write(`RabbitMQ ${await debian13.brokerVersion()}\n`);
    }, 600_000);
    afterAll(() => debian13?.[Symbol.asyncDispose](), 120_000);

    describe.each(debian13Cells)("$executor, $variant", ({ executor, options }) => {
      describeMeeting(() => ({
        ...{ python: debian13.python, executor, options },
        ...{ theirUrl: debian13.inside, ourUrl: debian13.outside },
      }));
    });

    describe.each([debian12, newest])("RabbitMQ 4.0 and oslo.messaging of $name", (python) => {
      const options = { rabbit_quorum_queue: "true" };
      describeMeeting(() => ({
        ...{ python, executor: "threading", options },
        ...{ theirUrl: debian13.outside, ourUrl: debian13.outside },
      }));
    });
  });
}

/** All that two peers do with each other. */
function describeMeeting(setup: () => MeetingSetup): void {
  let met: Meeting | undefined;
  const meeting = (): Meeting => {
    if (met === undefined) throw new Error("the peers did not meet");
    return met;
  };

  beforeAll(async () => {
    met = await Meeting.start(setup());
  }, 60_000);

  afterAll(() => met?.[Symbol.asyncDispose](), 30_000);

  describe("our client, their server", () => describeAsClient(meeting));
  describe("their client, our server", () => describeAsServer(meeting));
  describe("both", () => describeMonitoredCalls(meeting));
  describe("notifications", () => describeNotifications(meeting));
}
