import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ERRORS } from "#api/errors.js";
import type { JsonMethod } from "#api/json-door.js";
import { busEndpoint } from "#daemon/bus-door.js";
import { type Reason, Refusal } from "#drive/refusal.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { Served } from "../bus/served.js";
import { Child } from "../rigs/child.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { within } from "../rigs/wait.js";

let broker: RabbitMq;
let served: Served;
let python: Child;
let directory: string;

const reasons = new Map<string, Reason>();
for (const reason in ERRORS) reasons.set(reason, reason as Reason);

/** A method that is refused for the reason it is given. */
const refuse: JsonMethod = {
  name: "refuse",
  since: "1.0",
  redact: () => null,
  async call(args) {
    const reason = reasons.get(String(Object.entries(args ?? {})[0]?.[1]));
    if (reason === undefined) throw new Error("unknown reason");
    const metadata = Object.fromEntries(ERRORS[reason].metadata.map((name) => [name, `the ${name}`]));
    throw new Refusal(reason, `why: ${reason}`, { metadata });
  },
};

beforeAll(async () => {
  directory = await privateDirectory("errors");
  broker = await RabbitMq.start();
  const methods = new Map([[refuse.name, refuse]]);
  const door = { version: "1.0", methods, callJson: () => Promise.reject(new Error("by method only")) };
  served = await Served.start(broker.transportUrl, [
    busEndpoint({
      ...{ door, newRequestId: () => "req-1", observe: () => {} },
      ...{ answer: async () => {}, now: () => new Date() },
    }),
  ]);
  const keywords: Record<string, string[]> = {};
  for (const { exception } of Object.values(ERRORS)) {
    if (exception.module === "nova.exception") keywords[exception.class] = Object.keys(exception.kwargs);
  }
  const script = resolve("integration/doors/nova_caller.py");
  const args = [script, broker.transportUrl, "suite", "suite", JSON.stringify(keywords)];
  python = await Child.start("/usr/bin/python3", args, { log: join(directory, "log"), piped: true });
  await within(90_000, "the caller to start", python.lines.next());
}, 120_000);

afterAll(async () => {
  await python?.stop("SIGKILL");
  python?.lines.close();
  await served?.[Symbol.asyncDispose]();
  await broker?.stop();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function caught(reason: string): Promise<object> {
  python.lines.send(reason);
  const line = await within(30_000, `an answer for ${reason}`, python.lines.next());
  if (line === undefined) throw new Error(`the caller ended: ${python.tail()}`);
  return JSON.parse(line);
}

test.each(Object.entries(ERRORS))(
  "a caller of oslo.messaging catches %s as the table says",
  async (reason, { exception }) => {
    const answer = await caught(reason);
    const { module, class: name } = exception;
    if (module === "nova.exception") {
      const kwargs = Object.entries(exception.kwargs).map(([keyword, source]) => [
        keyword,
        source === "message" ? `why: ${reason}` : `the ${source}`,
      ]);
      expect(answer).toEqual({
        caught: "nova.exception",
        class: name,
        text: expect.stringContaining(`why: ${reason} [${reason}]`),
        kwargs: Object.fromEntries(kwargs),
      });
    } else {
      // Python's own classes come back themselves; a module that the caller does not list, as a RemoteError that names the class.
      const how = module === "builtins" ? "builtins" : "RemoteError";
      expect(answer).toEqual({ caught: how, class: name, text: expect.stringContaining(`why: ${reason}`) });
    }
  },
);
