import { type FieldViolation, Refusal } from "#drive/refusal.js";
import type { PopulateVolumeRequest } from "#gen/configdrive/v1/drive_service.js";
import { contract, methodOf } from "./contract.js";
import { decodeMessage } from "./decode.js";

const populate = methodOf("PopulateVolume").request;
const ID = "8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11";

function refusalOf(json: unknown, descriptor = populate): Refusal {
  try {
    decodeMessage(descriptor, json);
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    throw thrown;
  }
  throw new Error("it was taken");
}

test("a request in full becomes the message that ts-proto knows", () => {
  const message = decodeMessage<PopulateVolumeRequest>(populate, {
    request_id: ID,
    files: {
      files: [
        { path: "a", content: "AAEC", mode: 0o600 },
        { path: "b", text: "é" },
        { path: "c", same_as: "a" },
        { path: "d" },
      ],
      directories: [{ path: "e" }],
    },
    format: "IMAGE_FORMAT_VFAT",
    size_bytes: 1048576,
    delete_on_termination: false,
    when_attached: 1,
  });
  expect(message).toEqual({
    requestId: ID,
    driveId: "",
    content: {
      $case: "files",
      value: {
        files: [
          { path: "a", data: { $case: "content", value: Buffer.from([0, 1, 2]) }, mode: 0o600 },
          { path: "b", data: { $case: "text", value: "é" }, mode: undefined },
          { path: "c", data: { $case: "sameAs", value: "a" }, mode: undefined },
          { path: "d", data: undefined, mode: undefined },
        ],
        directories: [{ path: "e", mode: undefined }],
      },
    },
    format: 2,
    label: "",
    sizeBytes: 1048576n,
    deleteOnTermination: false,
    whenAttached: 1,
    etag: "",
    validateOnly: false,
  });
});

test("null is the same as not given, also for a member of a oneof", () => {
  expect(decodeMessage(populate, { label: null, size_bytes: null, blob: null, files: {} })).toEqual(
    decodeMessage(populate, { files: {} }),
  );
});

const MISMATCHES: [title: string, json: unknown, violation: FieldViolation][] = [
  ["no object", [], { field: "", rule: "must be an object (got an array)" }],
  ["nothing", undefined, { field: "", rule: "must be an object (got no JSON value (undefined))" }],
  [
    "an unknown argument",
    { blob: { bytes: "AA==" } },
    { field: "blob.bytes", rule: "is unknown; configdrive.v1.Blob has data, content_id, source" },
  ],
  ["a name in the wrong case", { requestId: ID }, { field: "requestId", rule: expect.stringContaining("is unknown") }],
  [
    "a prototype's name",
    JSON.parse('{"__proto__":1}'),
    { field: "__proto__", rule: expect.stringContaining("unknown") },
  ],
  ["a number for text", { label: 5 }, { field: "label", rule: "must be a string (got a number)" }],
  [
    "text for a number",
    { files: { files: [{ mode: "5" }] } },
    { field: "files.files[0].mode", rule: "must be an integer (got a string)" },
  ],
  ["a fraction", { size_bytes: 1.5 }, { field: "size_bytes", rule: "must be an integer (got a number)" }],
  ["not a number", { size_bytes: Number.NaN }, { field: "size_bytes", rule: "must be an integer (got a number)" }],
  ["hexadecimal text", { size_bytes: "0x10" }, { field: "size_bytes", rule: "must be an integer (got a string)" }],
  [
    "a number for a boolean",
    { delete_on_termination: 1 },
    { field: "delete_on_termination", rule: "must be true or false (got a number)" },
  ],
  [
    "bytes as an array",
    { blob: { data: [1, 2] } },
    { field: "blob.data", rule: "must be a base64 string (got an array)" },
  ],
  [
    "an object for a list",
    { files: { files: {} } },
    { field: "files.files", rule: "must be an array (got an object)" },
  ],
  ["null in a list", { files: { files: [null] } }, { field: "files.files[0]", rule: "must be an object (got null)" }],
  ["text for a message", { blob: "AA==" }, { field: "blob", rule: "must be an object (got a string)" }],
  [
    "a boolean for an enum",
    { format: true },
    { field: "format", rule: expect.stringContaining("must be the name of") },
  ],
];

test.each(MISMATCHES)("refused as a mismatch: %s", (_title, json, violation) => {
  expect(refusalOf(json)).toMatchObject({ reason: "ARGUMENTS_MISMATCH", violations: [violation] });
});

const WRONG: [title: string, json: unknown, field: string, rule: string][] = [
  ["half a surrogate pair", { label: "a\ud800" }, "label", "well-formed Unicode"],
  ["base64 without padding", { blob: { data: "AAE" } }, "blob.data", "RFC 4648, 4"],
  ["base64 of the other alphabet", { blob: { data: "-_8=" } }, "blob.data", "RFC 4648, 4"],
  ["base64 with stray bits", { blob: { data: "AB==" } }, "blob.data", "RFC 4648, 4"],
  ["base64 with a line end", { blob: { data: "AAEC\n" } }, "blob.data", "RFC 4648, 4"],
  ["an unknown enum name", { format: "ISO" }, "format", 'IMAGE_FORMAT_RAW (got "ISO")'],
  ["an unknown enum number", { format: 9 }, "format", "(got 9)"],
  ["a negative unsigned", { size_bytes: -1 }, "size_bytes", "from 0 to 18446744073709551615 (got -1)"],
  ["a uint64 too large", { size_bytes: 2n ** 64n }, "size_bytes", "(got 18446744073709551616)"],
  ["a uint32 too large", { files: { files: [{ mode: 2 ** 32 }] } }, "files.files[0].mode", "from 0 to 4294967295"],
  ["a number that is not exact", { size_bytes: 2 ** 53 }, "size_bytes", "must be exact"],
  ["two members of a oneof", { blob: {}, files: {} }, "files", "excludes another member"],
  ["a list that is too long", { files: { files: Array(20001).fill({}) } }, "files.files", "at most 20000 members"],
];

test.each(WRONG)("refused with path, rule and value: %s", (_title, json, field, rule) => {
  const refusal = refusalOf(json);
  expect(refusal.reason).toBe("INVALID_ARGUMENT");
  expect(refusal.violations).toEqual([{ field, rule: expect.stringContaining(rule) }]);
  expect(refusal.message).toContain(field);
});

test("integers beyond 2^53 come exact, as a bigint or as a decimal string", () => {
  expect(decodeMessage(populate, { size_bytes: 2n ** 60n })).toMatchObject({ sizeBytes: 2n ** 60n });
  expect(decodeMessage(populate, { size_bytes: "1152921504606846976" })).toMatchObject({ sizeBytes: 2n ** 60n });
});

test("every wrong field is named, and no more than sixteen", () => {
  expect(refusalOf({ label: 1, format: "x", size_bytes: -1 }).violations).toHaveLength(3);
  expect(refusalOf({ files: { files: Array(100).fill(7) } }).violations).toHaveLength(16);
});

test("a secret's value is never shown", () => {
  const secret = "hunter2-hunter2";
  const texts = [
    { blob: { data: secret } },
    { files: { files: [{ content: secret }] } },
    { blob: { data: { secret } } },
  ];
  for (const json of texts) expect(JSON.stringify(refusalOf(json))).not.toContain(secret);
});

test("a caller's overlong name is cut in the error", () => {
  expect(refusalOf({ ["x".repeat(100_000)]: 1 }).message.length).toBeLessThan(400);
});

describe("times", () => {
  const descriptor = contract().methods[0]!.response;
  const at = (created_at: unknown) => ({ drive: { created_at } });
  test.each([
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"],
    ["2026-01-02T03:04:05.120000Z", "2026-01-02T03:04:05.120Z"],
    ["2026-01-02T03:04:05.5+02:00", "2026-01-02T01:04:05.500Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ])("taken: %s", (text, iso) => {
    expect(decodeMessage(descriptor, at(text))).toMatchObject({ drive: { createdAt: new Date(iso) } });
  });
  test.each([
    ["2026-01-02", "RFC 3339"],
    ["2026-01-02T03:04:05", "RFC 3339"],
    ["2025-02-29T00:00:00Z", "RFC 3339"],
    ["2026-01-02T24:00:00Z", "RFC 3339"],
    ["2026-01-02T03:04:05.0001Z", "whole milliseconds"],
    ["0000-12-31T23:59:59Z", "years 1 to 9999"],
  ])("refused: %s", (text, rule) => {
    expect(refusalOf(at(text), descriptor).violations).toEqual([
      { field: "drive.created_at", rule: expect.stringContaining(rule) },
    ]);
  });
});
