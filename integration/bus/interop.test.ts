import { jest } from "@jest/globals";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { cells, variants } from "./cells.js";
import { describeMeeting } from "./describe-meeting.js";
import { installNewest } from "./pythons.js";

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
