import { Refusal } from "#drive/refusal.js";
import { PopulateVolumeRequest } from "#gen/configdrive/v1/drive_service.js";
import { anyText } from "#integration/rigs/any-text.js";
import fc from "#integration/rigs/properties.js";
import { contract, methodOf } from "./contract.js";
import { decodeMessage } from "./decode.js";
import type { MessageDescriptor } from "./descriptors.js";
import { checkLimits } from "./limits.js";
import { redactMessage } from "./redact.js";

const SECRET = "c2VjcmV0LXNlY3JldA==";

/** Values at the places where the contract expects others, and secrets where they belong and where they do not. */
const anything = fc.anything({
  key: fc.constantFrom(
    "request_id",
    "blob",
    "data",
    "files",
    "path",
    "text",
    "content",
    "same_as",
    "mode",
    "label",
    "x",
  ),
  values: [
    ...[anyText(), fc.double(), fc.bigInt(), fc.boolean(), fc.constant(null)],
    ...[fc.constant("8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11"), fc.constant("AAEC")],
  ],
  maxDepth: 6,
});

function tryAll(descriptor: MessageDescriptor, json: unknown): unknown {
  try {
    const message = decodeMessage(descriptor, json);
    checkLimits(descriptor, message);
    return redactMessage(descriptor, message);
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    throw thrown;
  }
}

test("whatever comes over the bus is a message or a refusal, with a text that any encoding can carry", () => {
  const descriptors = contract().methods.map((method) => method.request);
  fc.assert(
    fc.property(fc.constantFrom(...descriptors), anything, (descriptor, json) => {
      const result = tryAll(descriptor, json);
      return !(result instanceof Refusal) || result.message.isWellFormed();
    }),
    { numRuns: 800 },
  );
});

test("a secret in its place never shows, whatever is wrong around it", () => {
  const { request } = methodOf("PopulateVolume");
  const withSecret = fc.record(
    { path: anything, content: fc.constant(SECRET), text: fc.option(fc.constant(SECRET)), mode: anything },
    { requiredKeys: ["content"] },
  );
  fc.assert(
    fc.property(fc.array(withSecret, { minLength: 1 }), anything, (files, label) => {
      const result = tryAll(request, { files: { files }, blob: { data: SECRET }, label });
      const told = result instanceof Refusal ? [result.message, result.violations, result.metadata] : result;
      return !JSON.stringify(told).includes(SECRET);
    }),
    { numRuns: 150 },
  );
});

test("whatever bytes decode over gRPC are held to the limits without a fault", () => {
  const { request } = methodOf("PopulateVolume");
  const good = PopulateVolumeRequest.encode({
    ...PopulateVolumeRequest.create({ requestId: "r" }),
    content: {
      $case: "files",
      value: { files: [{ path: "a", data: { $case: "text", value: "x" }, mode: 1 }], directories: [] },
    },
  }).finish();
  const mutated = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => good.with(at, byte));
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array()), (bytes) => {
      let message: PopulateVolumeRequest;
      try {
        message = PopulateVolumeRequest.decode(bytes);
      } catch {
        return true; // gRPC answers what does not parse.
      }
      try {
        checkLimits(request, message);
        return true;
      } catch (thrown) {
        return thrown instanceof Refusal;
      }
    }),
    { numRuns: 2000 },
  );
});
