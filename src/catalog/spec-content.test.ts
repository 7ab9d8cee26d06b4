import type { Content, KeptBytes } from "#drive/spec.js";
import { anyText } from "#integration/rigs/any-text.js";
import fc from "#integration/rigs/properties.js";
import { decodeContent, encodeContent } from "./spec-content.js";

const mode = fc.option(fc.nat(0o7777), { nil: undefined });
const sha256 = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });
const bytes: fc.Arbitrary<KeptBytes> = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.record({ sha256, sizeBytes: fc.maxSafeNat() }),
);
const content: fc.Arbitrary<Content> = fc.oneof(
  bytes.map((blob) => ({ kind: "blob", bytes: blob }) as const),
  fc.record({
    kind: fc.constant("files" as const),
    files: fc.array(
      fc.record(
        {
          path: anyText(),
          data: fc.oneof(
            bytes.map((data) => ({ kind: "content", bytes: data }) as const),
            fc.string().map((path) => ({ kind: "same_as", path }) as const),
          ),
          mode,
        },
        { requiredKeys: ["path", "data"] },
      ),
    ),
    directories: fc.array(fc.record({ path: fc.string(), mode }, { requiredKeys: ["path"] })),
  }),
  fc.record(
    {
      kind: fc.constant("config_data" as const),
      layout: fc.constantFrom("openstack", "nocloud", "ovf", "opennebula"),
      guest: fc.constantFrom("linux", "windows", "minimal"),
      json: fc.string({ unit: "grapheme" }),
      instance: fc.record({ id: fc.string(), name: fc.string(), launchIndex: fc.nat() }, { requiredKeys: ["id"] }),
    },
    { requiredKeys: ["kind", "layout", "guest", "json"] },
  ),
);

/** Bytes as a list; what stands in the content store as it is. */
const listed = (kept: KeptBytes) => (kept instanceof Uint8Array ? [...kept] : kept);

/** Buffers and Uint8Arrays with the same bytes are the same content. */
const plain = (value: Content) =>
  JSON.parse(JSON.stringify(value, (_, member) => (member instanceof Uint8Array ? [...member] : member)));

test("what is written is read again", () => {
  fc.assert(
    fc.property(content, (value) => {
      const read = decodeContent(encodeContent(value));
      if (read.kind === "blob" && value.kind === "blob") expect(listed(read.bytes)).toEqual(listed(value.bytes));
      expect(Object.keys(read)).toEqual(Object.keys(value));
      if (read.kind === "files" && value.kind === "files") {
        expect(read.files.map(({ data }) => (data.kind === "content" ? listed(data.bytes) : data.path))).toEqual(
          value.files.map(({ data }) => (data.kind === "content" ? listed(data.bytes) : data.path)),
        );
        expect(
          plain({ ...read, files: read.files.map((file) => ({ ...file, data: { kind: "same_as", path: "" } })) }),
        ).toEqual(
          plain({ ...value, files: value.files.map((file) => ({ ...file, data: { kind: "same_as", path: "" } })) }),
        );
      }
    }),
  );
});

test("bytes that end early are refused", () => {
  const whole = encodeContent({ kind: "blob", bytes: Buffer.from("secret") });
  for (let length = 0; length < whole.length; length += 1) {
    expect(() => decodeContent(whole.subarray(0, length))).toThrow();
  }
});
