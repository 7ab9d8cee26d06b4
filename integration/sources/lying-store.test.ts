import { createHash, randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DriveClient } from "#grpc/client.js";
import { driveOf } from "../rigs/drive-answer.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { until } from "../rigs/wait.js";
import { LyingStore, type MANNERS, TRUE_BYTES } from "./lying-store.js";

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const sha256 = digestOf(TRUE_BYTES);
const size_bytes = TRUE_BYTES.length;

const scope = new Scope();
let store: LyingStore;
let service: Service;
let door: GrpcDoor;
let client: DriveClient;

beforeAll(async () => {
  store = await scope.own(LyingStore.start());
  const config = [
    ...["[sources]", "allowed_networks = 127.0.0.0/8", "allow_plain_http = true", "attempts = 3", "timeout = 1"],
    ...["[s3]", `endpoint_url = ${store.url}`, "region = here", "access_key = k", "secret_key = s"],
    ...["[swift]", `auth_url = ${store.url}/auth/v1.0`, "user = u", "key = k"],
    ...["[limits]", "content_bytes = 1000000"],
  ];
  service = await scope.own(Service.start({ config }));
  door = await scope.own(Promise.resolve(new GrpcDoor(service.address)));
  client = new DriveClient(service.address);
}, 60_000);
afterAll(async () => {
  client[Symbol.dispose]();
  await scope[Symbol.asyncDispose]();
}, 60_000);

type Manner = keyof typeof MANNERS;
type Named = { readonly sha256?: string; readonly size_bytes?: number };

/** What is answered: `ok`, or the reason of the refusal and what it must say. */
const cases: readonly [Manner, Named, string, RegExp][] = [
  ["good", { sha256, size_bytes }, "ok", /^/],
  ["cut-once", { sha256, size_bytes }, "ok", /^/],
  // Whoever names nothing relies on the store; a lie that shows is refused all the same.
  ["cut-once", {}, "ok", /^/],
  ["cut-always", { sha256 }, "SOURCE_UNREACHABLE", /tried 3 times/],
  ["cut-then-another-object", {}, "SOURCE_UNREACHABLE", /has changed|cannot be taken up/],
  ["cut-then-another-part", {}, "SOURCE_UNREACHABLE", /has changed|cannot be taken up/],
  ["cut-then-from-the-start", {}, "SOURCE_UNREACHABLE", /has changed|cannot be taken up/],
  ["shorter-than-it-says", {}, "SOURCE_UNREACHABLE", /tried 3 times|cannot be taken up/],
  ["without-length-and-cut", {}, "SOURCE_UNREACHABLE", /cannot be taken up/],
  ["half-and-a-proper-end", {}, "SOURCE_UNREACHABLE", /does not say where its answer ends/],
  ["half-and-a-proper-end", { sha256 }, "SOURCE_MISMATCH", /has the SHA-256/],
  ["other-bytes", { sha256 }, "SOURCE_MISMATCH", /has the SHA-256/],
  ["fewer-bytes", { size_bytes }, "SOURCE_MISMATCH", /has 10 bytes, not the 204800/],
  ["more-bytes", { size_bytes }, "SOURCE_MISMATCH", /more than the 204800 bytes/],
  ["huge-by-its-word", {}, "CONTENT_TOO_LARGE", /has 10995116277760 bytes or more, the limit is 1000000/],
  ["endless", {}, "CONTENT_TOO_LARGE", /the limit is 1000000/],
  ["silent-at-once", {}, "SOURCE_UNREACHABLE", /tried 3 times/],
  ["silent-half-way", {}, "SOURCE_UNREACHABLE", /silent|cannot be taken up|tried 3 times/],
  ["broken", {}, "SOURCE_UNREACHABLE", /503/],
  ["no-http", {}, "SOURCE_UNREACHABLE", /tried 3 times/],
  ["forbidden", {}, "SOURCE_NOT_FOUND", /403/],
];

const partials = async () =>
  (await readdir(join(service.drives, ".content")).catch(() => [])).filter((name) => name.endsWith(".partial"));

async function downloaded(driveId: string): Promise<string> {
  const hash = createHash("sha256");
  const inTime = { projectId: "demo", deadline: new Date(Date.now() + 30_000) };
  for await (const { part } of client.downloadImage({ driveId }, inTime)) {
    if (part?.$case === "data") hash.update(part.value);
  }
  return hash.digest("hex");
}

describe.each(["http", "s3", "swift"] as const)("a store that is read by %s", (scheme) => {
  const before = Buffer.alloc(1024, scheme);
  let id = "";
  beforeAll(async () => {
    const blob = { data: before.toString("base64") };
    id = driveOf(await door.call("populate_volume", { request_id: randomUUID(), blob })).id;
  });

  // Side by side: most of the time is the store's silence.
  test("and lies, stalls or cuts is told clearly, and the drive stays what it was", async () => {
    const seen = driveOf(await door.call("get_drive", { drive_id: id }));
    const outcomes = await Promise.all(
      cases.map(async ([manner, named, , says]) => {
        const base = scheme === "http" ? `${store.url}/plain` : `${scheme}://bucket`;
        const blob = { source: { url: `${base}/${manner}`, ...named } };
        // A good object becomes a drive of its own, a bad one was to become this one's next generation.
        const into = manner === "good" || manner === "cut-once" ? {} : { drive_id: id };
        return await door.call("populate_volume", { request_id: randomUUID(), blob, ...into }).then(
          async (answer) => [manner, "ok", await downloaded(driveOf(answer).id)],
          (error: { reason: string; message: string }) => [
            manner,
            error.reason,
            says.test(error.message) || error.message,
          ],
        );
      }),
    );
    expect(outcomes).toEqual(cases.map(([manner, , reason]) => [manner, reason, reason === "ok" ? sha256 : true]));
    expect(driveOf(await door.call("get_drive", { drive_id: id }))).toEqual(seen);
    expect(await downloaded(id)).toBe(digestOf(before));
    await until(10_000, "nothing half to be left", async () => (await partials()).length === 0);
  }, 60_000);
});
