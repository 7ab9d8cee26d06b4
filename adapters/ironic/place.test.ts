import { randomUUID } from "node:crypto";
import { ScriptedIronic } from "./scripted-ironic.js";

const NODE = randomUUID();
const INSTANCE = randomUUID();
const DEVICE = { kind: "disk", bus: "scsi", name: "configdrive", reason: "" } as const;

let ironic: ScriptedIronic;
/** The node's `instance_info`. */
let info: Record<string, unknown>;
/** How a rebuild is answered. */
let answered: { readonly status: number; readonly words?: string };

const node = () => ({
  ...{ uuid: NODE, provision_state: "active", maintenance: false, protected: false, instance_info: info, extra: {} },
  ...{ last_error: null, reservation: null },
});

beforeEach(async () => {
  info = {};
  ironic = await ScriptedIronic.start(
    ({ method, url, body }, response) => {
      if (method === "PUT") {
        response.statusCode = answered.status;
        return void response.end(JSON.stringify({ error_message: { faultstring: answered.words ?? "no" } }));
      }
      if (method === "PATCH") {
        for (const { op, path, value } of JSON.parse(body)) {
          const name = path.slice("/instance_info/".length);
          if (op === "remove") delete info[name];
          else info[name] = value;
        }
      }
      response.end(JSON.stringify(url.startsWith("/v1/nodes?") ? { nodes: [node()] } : node()));
    },
    { rebuild: true },
  );
});
afterEach(() => ironic[Symbol.asyncDispose]());

const attach = () => ironic.hypervisor.attach(INSTANCE, ironic.image, DEVICE, { signal: AbortSignal.timeout(60_000) });

test.each([
  [{ status: 400 }, "HYPERVISOR_FAILED"],
  [{ status: 409 }, "INSTANCE_BUSY"],
  [{ status: 500 }, "HYPERVISOR_FAILED"],
  [{ status: 503 }, "HYPERVISOR_UNREACHABLE"],
])("a rebuild that is refused with %j leaves the node as it was", async (answer, reason) => {
  answered = answer;
  await expect(attach()).rejects.toMatchObject({ reason });
  expect(info).toEqual({});
});

test.each([
  [{ status: 500, words: "Timed out waiting for a reply to message ID 1f" }, "HYPERVISOR_FAILED"],
  [{ status: 502 }, "HYPERVISOR_UNREACHABLE"],
  [{ status: 504 }, "HYPERVISOR_UNREACHABLE"],
])("after %j nobody knows whether the rebuild has begun, and the node's mark says so", async (answer, reason) => {
  answered = answer;
  await expect(attach()).rejects.toMatchObject({ reason });
  expect(info).toEqual({ configdrive_bridge: { drive: ironic.image.driveId, generation: 0, writing: 1 } });
});
