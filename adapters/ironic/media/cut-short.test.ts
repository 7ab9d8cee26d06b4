import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { ScriptedIronic } from "../scripted-ironic.js";

/** How long Ironic takes for a change before anything of it can be seen. */
const SLOW_MS = 200;
const NODE = randomUUID();
const INSTANCE = randomUUID();
const DEVICE = { kind: "cdrom", bus: "usb", name: `cdrom-${NODE}`, reason: "" } as const;

let ironic: ScriptedIronic;
/** The node's `extra`, and whether its BMC has a CD. */
let extra: Record<string, unknown>;
let isInserted: boolean;
/** Told of each change, before Ironic begins with it. */
let onChange: (change: string) => void;
/** Whether a CD that Ironic takes is one that the BMC shows. */
let isTaken: boolean;
/** The ends of all changes that Ironic has begun with. */
let begun: Promise<void>[];

const change: Readonly<Record<string, (body: string) => void>> = {
  PATCH: (body) => {
    const [{ op, value }] = JSON.parse(body);
    extra = op === "remove" ? {} : { configdrive_bridge_media: value };
  },
  POST: () => {
    isInserted = isTaken;
  },
  DELETE: () => {
    isInserted = false;
  },
};

/** What a GET is answered with. */
function shown(path: string): unknown {
  if (path.endsWith("/vmedia")) return [{ media_types: ["CD"], inserted: isInserted, image: "http://conductor/cd" }];
  const node = {
    ...{ uuid: NODE, provision_state: "active", maintenance: false, protected: false, instance_info: {}, extra },
    ...{ last_error: null, reservation: null },
  };
  return path.startsWith("/v1/nodes?") ? { nodes: [node] } : node;
}

beforeEach(async () => {
  [extra, isInserted, isTaken, onChange, begun] = [{}, false, true, () => undefined, []];
  ironic = await ScriptedIronic.start(
    ({ method, url, body }, response) => {
      const done = () => response.end(JSON.stringify(shown(url)));
      const begin = change[method];
      if (begin === undefined) return void done();
      onChange(method);
      // It goes on also where nobody waits for its answer any more.
      const end = pause(SLOW_MS).then(() => begin(body));
      begun.push(end);
      void end.then(done);
    },
    { rebuild: false, media: { host: "127.0.0.1", port: 0, url: "http://configdrive", newName: randomUUID } },
  );
});
afterEach(() => ironic[Symbol.asyncDispose]());

/** Gives the drive to the node, until Ironic is sent such a change for the so-manieth time. */
async function attachUntil(last: string, times: number): Promise<void> {
  const caller = new AbortController();
  let count = 0;
  onChange = (method) => {
    if (method === last && ++count === times) caller.abort();
  };
  await ironic.hypervisor.attach(INSTANCE, ironic.image, DEVICE, { signal: caller.signal });
}

test.each([
  ["mark", "PATCH"],
  ["CD", "POST"],
])(
  "a caller gives up while Ironic is being sent the %s: nothing comes after what is taken back",
  async (_what, last) => {
    await expect(attachUntil(last, 1)).rejects.toMatchObject({ reason: "CANCELLED" });
    await Promise.all(begun);
    expect([isInserted, extra]).toEqual([false, {}]);
  },
);

test("a caller gives up while Ironic is being sent the last there is: it is done", async () => {
  await attachUntil("PATCH", 2);
  expect([isInserted, extra]).toMatchObject([true, { configdrive_bridge_media: { generation: 1 } }]);
});

test("a CD that Ironic says nothing about and the BMC does not show is told so", async () => {
  isTaken = false;
  await expect(
    ironic.hypervisor.attach(INSTANCE, ironic.image, DEVICE, { signal: AbortSignal.timeout(60_000) }),
  ).rejects.toMatchObject({
    reason: "HYPERVISOR_FAILED",
    message: `instance ${INSTANCE}: Ironic did not insert the CD, and does not say why`,
  });
  expect(extra).toEqual({});
});
