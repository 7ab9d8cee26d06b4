import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Door } from "../rigs/door.js";

const instance = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  launch_index: z.number(),
  reservation_id: z.string(),
  drive_ids: z.array(z.string()),
});

/** An instance as a caller of either door gets it. */
export type InstanceAnswer = z.infer<typeof instance>;

const answers = z.object({ instances: z.array(instance).default([]), next_page_token: z.string().default("") });
const answer = z.object({ instance });

/** Runs instances. */
export async function runInstances(door: Door, args: object): Promise<readonly InstanceAnswer[]> {
  const asked = { request_id: randomUUID(), ...args };
  return answers.parse(await door.call("run_instances", asked)).instances;
}

/** A call about one instance that gives it: stop_instance, start_instance, get_instance. */
export async function changeInstance(
  door: Door,
  method: string,
  id: string,
  args: object = {},
): Promise<InstanceAnswer> {
  const request = method === "get_instance" ? {} : { request_id: randomUUID() };
  return answer.parse(await door.call(method, { ...request, instance_id: id, ...args })).instance;
}

export async function terminate(door: Door, ...ids: readonly string[]): Promise<void> {
  await door.call("terminate_instances", { request_id: randomUUID(), instance_ids: ids });
}

/** Every instance of the project, a page of two at a time. */
export async function listInstances(door: Door): Promise<readonly InstanceAnswer[]> {
  const found: InstanceAnswer[] = [];
  for (let token = ""; ; ) {
    const page = answers.parse(await door.call("list_instances", { page_size: 2, page_token: token }));
    found.push(...page.instances);
    token = page.next_page_token;
    if (token === "") return found;
  }
}
