import { isDeepStrictEqual } from "node:util";
import { PopulateVolumeRequest, PopulateVolumeResponse } from "#gen/configdrive/v1/drive_service.js";
import { anyText } from "#integration/rigs/any-text.js";
import fc from "#integration/rigs/properties.js";
import { methodOf } from "./contract.js";
import { decodeMessage } from "./decode.js";
import type { FieldDescriptor, MessageDescriptor } from "./descriptors.js";
import { encodeMessage } from "./encode.js";

/** Any message of a descriptor, in ts-proto's shape. */
function anyMessage(descriptor: MessageDescriptor): fc.Arbitrary<object> {
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of descriptor.fields.values()) {
    if (field.oneof !== undefined) continue;
    members[field.property] = field.repeated
      ? fc.array(anyValue(field), { maxLength: 3 })
      : field.presence
        ? fc.option(anyValue(field), { nil: undefined })
        : anyValue(field);
  }
  for (const { property, fields } of descriptor.oneofs) {
    const cases = fields.map((field) => anyValue(field).map((value) => ({ $case: field.property, value })));
    members[property] = fc.option(fc.oneof(...cases), { nil: undefined });
  }
  return fc.record(members, { noNullPrototype: true });
}

function anyValue({ type, name }: FieldDescriptor): fc.Arbitrary<unknown> {
  if (type === "timestamp")
    return fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true });
  if (typeof type === "object")
    return type.kind === "message" ? anyMessage(type) : fc.constantFrom(...type.nameOf.keys());
  if (type === "string") return anyText();
  if (type === "bytes") return fc.uint8Array().map((bytes) => Buffer.from(bytes));
  if (type === "bool") return fc.boolean();
  if (type === "uint32") return fc.nat();
  if (type === "uint64") return fc.bigInt(0n, 2n ** 64n - 1n);
  throw new Error(`${name}: say how to make a ${type}`);
}

const request = methodOf("PopulateVolume").request;
const response = methodOf("PopulateVolume").response;

test("what is encoded decodes to the same message, through JSON text", () => {
  for (const descriptor of [request, response]) {
    fc.assert(
      fc.property(anyMessage(descriptor), (message) => {
        const json: unknown = JSON.parse(JSON.stringify(encodeMessage(descriptor, message)));
        return isDeepStrictEqual(decodeMessage(descriptor, json), message);
      }),
      { numRuns: 30 },
    );
  }
});

test("the decoder makes exactly what ts-proto makes of the same message", () => {
  fc.assert(
    fc.property(anyMessage(request), (made) => {
      const message = decodeMessage<PopulateVolumeRequest>(request, encodeMessage(request, made));
      return isDeepStrictEqual(PopulateVolumeRequest.decode(PopulateVolumeRequest.encode(message).finish()), message);
    }),
    { numRuns: 30 },
  );
  const empty = decodeMessage<PopulateVolumeResponse>(response, { drive: {} });
  expect(PopulateVolumeResponse.decode(Buffer.from([10, 0]))).toStrictEqual(empty);
});
