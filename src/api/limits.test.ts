import { Refusal } from "#drive/refusal.js";
import { contract, methodOf } from "./contract.js";
import { decodeMessage } from "./decode.js";
import { checkLimits } from "./limits.js";

const ID = "8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11";
const MIB = 1024 * 1024;

function refusalOf(method: string, json: object): Refusal {
  const { request } = methodOf(method);
  try {
    checkLimits(request, decodeMessage(request, json));
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    throw thrown;
  }
  throw new Error("it was taken");
}

const file = (over: object) => ({ request_id: ID, files: { files: [{ path: "a", ...over }] } });

test.each([
  ["a required field left out", { blob: {} }, "request_id", "is required"],
  ["an id that is no UUID", { request_id: "7", blob: {} }, "request_id", 'UUID in lower case (got "7")'],
  ["an id in upper case", { request_id: ID.toUpperCase(), blob: {} }, "request_id", "UUID in lower case"],
  ["no content", { request_id: ID }, "content", "one of blob, files, config_data is required"],
  [
    "a label that is too long",
    { request_id: ID, blob: {}, label: "é".repeat(17) },
    "label",
    "at most 32 bytes (got 34)",
  ],
  [
    "a volume that is too large",
    { request_id: ID, blob: {}, size_bytes: 2n ** 41n },
    "size_bytes",
    "at most 1099511627776",
  ],
  ["a mode that is too large", file({ mode: 0o10000 }), "files.files[0].mode", "at most 4095 (got 4096)"],
  ["a path upwards", file({ path: "a/../b" }), "files.files[0].path", "below the root"],
  ["a path from the root", file({ path: "/a" }), "files.files[0].path", "below the root"],
  ["a path with a trailing slash", file({ path: "a/" }), "files.files[0].path", "below the root"],
  ["a path with NUL", file({ path: "a\0b" }), "files.files[0].path", "without NUL"],
  ["a path left out", file({ path: "" }), "files.files[0].path", "is required"],
  ["an empty same_as", file({ same_as: "" }), "files.files[0].same_as", "below the root"],
])("refused at both doors: %s", (_title, json, field, rule) => {
  const refusal = refusalOf("PopulateVolume", json);
  expect(refusal.reason).toBe("INVALID_ARGUMENT");
  expect(refusal.violations).toEqual([{ field, rule: expect.stringContaining(rule) }]);
});

test("a name is letters, digits and a few marks", () => {
  const attach = { request_id: ID, drive_id: ID, instance_id: "-x" };
  expect(refusalOf("AttachDrive", attach).violations).toMatchObject([{ field: "instance_id" }]);
});

test("an enum number that gRPC lets through is refused", () => {
  const { request } = methodOf("PopulateVolume");
  const message = decodeMessage(request, { request_id: ID, blob: {} });
  expect(() => checkLimits(request, { ...message, format: 77 })).toThrow(
    "format: must be a value of configdrive.v1.ImageFormat",
  );
});

test("content is counted over the whole request, before anything else is looked at", () => {
  const text = "x".repeat(MIB);
  const files = [1, 2, 3].map((number) => ({ path: `f${number}`, text }));
  const { request } = methodOf("PopulateVolume");
  const json = { request_id: ID, files: { files } };
  checkLimits(request, decodeMessage(request, json));
  expect(refusalOf("PopulateVolume", { files: { files: [...files, { path: "../f4", text: "y" }] } })).toMatchObject({
    reason: "CONTENT_TOO_LARGE",
    metadata: { limit_bytes: String(3 * MIB), actual_bytes: String(3 * MIB + 1) },
  });
});

const askNothing = ["ListDrives", "ListInstances", "WatchDrives", "GetCapabilities", "UploadContent"];

test("an empty request breaks limits of every method but those that ask for nothing in particular", () => {
  for (const { name, request } of contract().methods) {
    const check = () => checkLimits(request, decodeMessage(request, {}));
    if (askNothing.includes(name)) check();
    else expect(check).toThrow(Refusal);
  }
});
