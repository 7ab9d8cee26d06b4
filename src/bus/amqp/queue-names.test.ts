import { readRabbitOptions } from "../wire/options.js";
import { QueueNames } from "./queue-names.js";

const ids = { hex: () => "0123456789abcdef0123456789abcdef" };
const names = (section: Record<string, string>) => new QueueNames(readRabbitOptions(section).values, ids, "program");

test("names are random unless a queue manager is asked for (wire §3)", () => {
  expect(names({}).next()).toBe("0123456789abcdef0123456789abcdef");
});

test("a program that comes and goes has random names beside a queue manager's, too", () => {
  const options = readRabbitOptions({ use_queue_manager: "true", hostname: "cn1", processname: "p" }).values;
  expect(new QueueNames(options, ids, undefined).next()).toBe("0123456789abcdef0123456789abcdef");
});

test("the queue manager's names are host, process and a number from 1 (wire §3.1)", () => {
  const managed = names({ use_queue_manager: "true", hostname: "cn1", processname: "nova-compute" });
  expect([managed.next(), managed.next()]).toEqual(["cn1:nova-compute:1", "cn1:nova-compute:2"]);
  expect(names({ use_queue_manager: "true", hostname: "cn1" }).next()).toBe("cn1:program:1");
});
