import { RabbitMq } from "../rigs/rabbitmq.js";
import { describeAsClient } from "./as-client.js";
import { describeAsServer } from "./as-server.js";
import { type Cell, cells, variants } from "./cells.js";
import type { Meeting } from "./meeting.js";
import { describeNotifications } from "./notified.js";
import { OsloPeer } from "./oslo-peer.js";
import { freshTarget, Ours } from "./ours.js";
import { installNewest } from "./pythons.js";

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
  await broker.rabbitmqctl(
    "eval",
    'rabbit_auth_backend_internal:add_user(<<"client">>, <<"">>, <<"rig">>), ' +
      'rabbit_auth_backend_internal:set_permissions(<<"client">>, <<"/">>, <<".*">>, <<".*">>, <<".*">>, <<"rig">>).',
  );
}, 300_000);

afterAll(() => broker?.stop(), 60_000);

describe.each(cells(form))(
  "oslo.messaging of $python.name, $executor, $variant",
  ({ python, executor, variant }: Cell) => {
    let met: Meeting | undefined;
    const meeting = (): Meeting => {
      if (met === undefined) throw new Error("the peers did not meet");
      return met;
    };

    beforeAll(async () => {
      const chosen = variants(broker).get(variant);
      if (chosen === undefined) throw new Error(`no variant ${variant}`);
      const target = freshTarget();
      const peer = await OsloPeer.start(python, executor, {
        DEFAULT: { transport_url: chosen.transportUrl, control_exchange: target.exchange },
        oslo_messaging_rabbit: chosen.options,
      });
      process.stdout.write(`oslo.messaging ${peer.version} (${python.name}, ${executor}), ${variant}\n`);
      met = { ours: Ours.start(chosen.transportUrl, chosen.options), peer, target };
      await peer.do("serve", { topic: target.topic, server: target.server });
    }, 60_000);

    afterAll(async () => {
      await met?.ours[Symbol.asyncDispose]();
      await met?.peer[Symbol.asyncDispose]();
    }, 30_000);

    describe("our client, their server", () => describeAsClient(meeting));
    describe("their client, our server", () => describeAsServer(meeting));
    describe("notifications", () => describeNotifications(meeting));
  },
);
