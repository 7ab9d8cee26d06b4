import { encodeMessage } from "#bus/wire/message.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { until } from "../rigs/wait.js";
import { HandMadeServer } from "./hand-made-server.js";
import { type HostileMessage, hostileReply, hostileRequest, sample } from "./hostile-messages.js";
import { type Answered, HostilePeer } from "./hostile-peer.js";
import { OsloPeer } from "./oslo-peer.js";
import { freshTarget } from "./ours.js";
import { debian12 } from "./pythons.js";
import { TargetProcess } from "./target-process.js";

const full = process.env.FORM === "full";
/** Messages altogether; a Python server gets the first of them too. */
const requests = full ? 80_000 : 2200;
const compared = full ? 8000 : 700;
const replies = full ? 20_000 : 800;
/** Sent at once; then the server must show that it lives. */
const batch = 500;
/** The heap may settle, but not grow with the number of messages. */
const heapGrowth = 12 << 20;
/** In full another one each day, and the same all day; SEED runs an earlier one again. */
const seed = Number(process.env.SEED ?? (full ? Math.floor(Date.now() / 86_400_000) : 1));

let broker: RabbitMq;
let target: TargetProcess;
const { exchange, topic } = freshTarget();

beforeAll(async () => {
  process.stdout.write(`hostile messages with seed ${seed}\n`);
  broker = await RabbitMq.start();
  target = await TargetProcess.start(broker.transportUrl, exchange, topic);
}, 120_000);

afterAll(async () => {
  await target?.[Symbol.asyncDispose]();
  await broker?.stop();
}, 60_000);

test(`our server answers or drops ${compared} wrong requests as Python does (wire §4 to §9, §16.3)`, async () => {
  await using peer = await OsloPeer.start(debian12, "threading", {
    DEFAULT: { transport_url: broker.transportUrl, control_exchange: exchange },
  });
  await peer.do("serve", { topic: "theirs", server: "s" });
  await using toOurs = await HostilePeer.start(broker.url, "reply_from_ours__");
  await using toTheirs = await HostilePeer.start(broker.url, "reply_from_theirs");
  const sent: HostileMessage[] = [];
  for (const [number, template] of sample(hostileRequest, compared, seed).entries()) {
    const theirs = template(number, toTheirs.replyQueue);
    // Without its way back a Python server holds a thread for a minute; then it compares with nothing.
    if (!theirs.properties.headers?.compression && !theirs.body.includes(toTheirs.replyQueue)) continue;
    if (!theirs.properties.headers?.compression && !theirs.body.includes("_reply_q")) continue;
    sent[number] = theirs;
    await toOurs.send(exchange, topic, template(number, toOurs.replyQueue));
    await toTheirs.send(exchange, "theirs", theirs);
    if (number % batch !== batch - 1) continue;
    await Promise.all([toOurs.canary(exchange, topic, number), toTheirs.canary(exchange, "theirs", number)]);
  }
  await Promise.all([toOurs.canary(exchange, topic, compared), toTheirs.canary(exchange, "theirs", compared)]);
  await until(
    15_000,
    "as many answers of ours as of theirs",
    () => toOurs.answers.size === toTheirs.answers.size,
  ).catch(() => undefined);
  const ids = new Set([...toOurs.answers.keys(), ...toTheirs.answers.keys()]);
  const differences = [...ids].flatMap((id) => {
    const [our, their] = [toOurs.answers.get(id), toTheirs.answers.get(id)];
    const message = sent[Number(/\d+/.exec(id)?.[0])];
    if (isSame(our, their, message?.wrongMembers ?? 0)) return [];
    return [`${id} (${message?.fault}): ours ${JSON.stringify(our)}, Python ${JSON.stringify(their)}`];
  });
  expect(differences).toEqual([]);
  expect(ids.size).toBeGreaterThan(compared / 5);
  target.assertAlive();
}, 600_000);

test(`our server outlives ${requests} wrong requests and keeps nothing of them`, async () => {
  await using peer = await HostilePeer.start(broker.url, "reply_flood");
  const templates = sample(hostileRequest, requests, seed + 1);
  let settled = 0;
  for (const [number, template] of templates.entries()) {
    // Ids of their own: the server remembers those of the comparison.
    const message = template(1_000_000 + number, peer.replyQueue);
    await peer.send(exchange, topic, message);
    await peer.send(exchange, `${topic}_notifications.info`, message);
    if (number % batch !== batch - 1) continue;
    await peer.canary(exchange, topic, number);
    target.assertAlive();
    if (settled === 0 && number >= requests / 4) settled = (await target.measure()).heap;
  }
  await peer.canary(exchange, topic, requests);
  const notification = encodeMessage({ event_type: "e", priority: "INFO", payload: null });
  await peer.send(exchange, `${topic}_notifications.info`, { fault: "none", wrongMembers: 0, ...notification });
  await until(30_000, "the one good notification", async () => (await target.measure()).heard === 1);
  const { heap } = await target.measure();
  process.stdout.write(
    `heap of the server: ${mebibytes(settled)} MiB after a quarter, ${mebibytes(heap)} MiB at the end\n`,
  );
  expect(heap - settled).toBeLessThan(heapGrowth);
}, 600_000);

test(`our client outlives ${replies} wrong replies, and its call is answered by the right one (wire §6, §8)`, async () => {
  await using silent = await HandMadeServer.start(broker.url, exchange, `${topic}_silent`);
  await using peer = await HostilePeer.start(broker.url, "reply_unused");
  const answer = target.call();
  const request = await silent.request(1);
  const queue = String(request.inner._reply_q);
  const templates = sample(hostileReply, replies, seed + 2);
  for (const [number, template] of templates.entries()) await peer.send("", queue, template(number, ""));
  for (let n = 0; n < replies; n += 1) await silent.reply(request, { ending: false, _msg_id: `nobody-${n}` });
  await silent.reply(request, { result: "the right one" });
  expect(await answer).toBe("the right one");
  const { heap } = await target.measure();
  process.stdout.write(`heap of the client: ${mebibytes(heap)} MiB\n`);
  target.assertAlive();
}, 600_000);

/**
 * Results must be equal. Of failures callers tell two apart by name; with several things wrong at once it is a matter of order which
 * of them is told.
 */
function isSame(our: Answered | undefined, their: Answered | undefined, wrongMembers: number): boolean {
  if (our?.kind !== their?.kind) return false;
  if (our?.kind !== "failure") return our?.json === their?.json;
  const named = (answered: Answered | undefined): string | undefined =>
    /UnsupportedVersion|NoSuchMethod/.exec(answered?.json ?? "")?.[0];
  return wrongMembers > 1 || named(our) === named(their);
}

function mebibytes(bytes: number): string {
  return (bytes / (1 << 20)).toFixed(1);
}
