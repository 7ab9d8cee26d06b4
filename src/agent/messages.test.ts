import { randomUUID } from "node:crypto";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import { AgentsModel } from "#integration/rigs/agents.js";
import { knownFields } from "./client/known-fields.js";
import { agentProtocol, methodIn } from "./protocol.js";

const fence = { drive_id: randomUUID(), revision: 1 };

/** Sends arguments as they are, as some other program might. */
async function refusal(method: string, args: Parameters<AgentsModel["wire"]["call"]>[2]) {
  await using there = await AgentsModel.open("a");
  const body = there.of("a").endpoint?.methods.get(method);
  if (body === undefined || typeof body === "function") throw new Error(`no method ${method}`);
  const request = { method, version: "1.0", context: {}, signal: new AbortController().signal };
  try {
    await body.run(args, request);
  } catch (error) {
    if (error instanceof RpcFailure) return { reason: error.kwargs.reason, message: error.message };
    throw error;
  }
  return undefined;
}

test.each([
  ["an unknown argument", "observe_instance", { fence, instance_id: "i", path: "/etc" }, "path"],
  ["no fence", "observe_instance", { instance_id: "i" }, "fence"],
  [
    "a drive that is none",
    "locate_image",
    { fence: { drive_id: "../x", revision: 1 }, generation: 1 },
    "fence.drive_id",
  ],
  ["an instance that is a path", "find_instance", { instance_id: "../i" }, "instance_id"],
  ["a device of no kind", "detach_device", { fence, instance_id: "i", device: { name: "x" } }, "device"],
  [
    "extents outside the step",
    "place_image",
    {
      ...{ fence, transfer_id: randomUUID(), generation: 1, size_bytes: 10, from: 0, to: 5 },
      extents: [{ offset: 4, data: "AAAA" }],
    },
    "extents[0]",
  ],
  [
    "a step beyond the image",
    "place_image",
    { fence, transfer_id: randomUUID(), generation: 1, size_bytes: 10, from: 0, to: 11 },
    "to",
  ],
])("%s is refused by its name", async (_, method, args, field) => {
  const refused = await refusal(method, args);
  expect(refused?.reason).toMatch(/^(INVALID_ARGUMENT|ARGUMENTS_MISMATCH)$/);
  expect(refused?.message).toContain(field);
});

test("what a newer agent answers beside what is known is passed over, at every depth", () => {
  const { response } = methodIn(agentProtocol(), "ObserveInstance");
  const drive = { drive_id: "d", generation: 1, device_name: "x" };
  expect(knownFields(response, { found: true, drives: [{ ...drive, since: 3 }], more: {} })).toEqual({
    found: true,
    drives: [drive],
  });
});
