import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { PlacedImage } from "#drive/hypervisor.js";
import { IronicHypervisor } from "./adapter.js";

const NODE = randomUUID();
const INSTANCE = randomUUID();
const DEVICE = { kind: "disk", bus: "scsi", name: "configdrive", reason: "" } as const;

let ironic: Server;
let hypervisor: IronicHypervisor;
let folder: string;
let image: PlacedImage;
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
  ironic = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { method, url = "" } = request;
      if (method === "PUT") {
        response.statusCode = answered.status;
        return void response.end(JSON.stringify({ error_message: { faultstring: answered.words ?? "no" } }));
      }
      if (method === "PATCH") {
        for (const { op, path, value } of JSON.parse(body.toString())) {
          const name = path.slice("/instance_info/".length);
          if (op === "remove") delete info[name];
          else info[name] = value;
        }
      }
      response.end(JSON.stringify(url.startsWith("/v1/nodes?") ? { nodes: [node()] } : node()));
    });
  });
  await new Promise<void>((resolve) => ironic.listen(0, "127.0.0.1", resolve));
  const address = ironic.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  folder = await mkdtemp(join(tmpdir(), "place-"));
  const path = join(folder, "1.img");
  await writeFile(path, Buffer.alloc(2048));
  image = { driveId: randomUUID(), generation: 1, path, sizeBytes: 2048, format: "iso9660" };
  hypervisor = new IronicHypervisor({
    ...{ url, credentials: { kind: "none" }, answerMs: 30_000, lockMs: 0, deployMs: 30_000 },
    ...{ rebuild: true, maxTextBytes: 1024 },
  });
});
afterEach(async () => {
  await hypervisor.close();
  ironic.closeAllConnections();
  await new Promise((resolve) => ironic.close(resolve));
  await rm(folder, { recursive: true });
});

const attach = () => hypervisor.attach(INSTANCE, image, DEVICE, { signal: AbortSignal.timeout(60_000) });

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
  expect(info).toEqual({ configdrive_bridge: { drive: image.driveId, generation: 0, writing: 1 } });
});
