import { methodOf } from "./contract.js";
import { decodeMessage } from "./decode.js";
import { encodeMessage } from "./encode.js";
import { redactMessage } from "./redact.js";

const { request, response } = methodOf("PopulateVolume");

test("fields without presence are always written, those with presence only when given", () => {
  expect(encodeMessage(response, decodeMessage(response, {}))).toEqual({});
  expect(encodeMessage(response, decodeMessage(response, { drive: {} }))).toEqual({
    drive: {
      id: "",
      project_id: "",
      state: "DRIVE_STATE_UNSPECIFIED",
      pending_generation: 0,
      applied_generation: 0,
      delete_on_termination: false,
      writable: false,
      generations: [],
      attachments: [],
      etag: "",
      last_instance_id: "",
    },
  });
});

test("64-bit integers are numbers below 2^53 and decimal strings from there on", () => {
  const sizes = [0n, 2n ** 53n - 1n, 2n ** 53n];
  const generations = sizes.map((size_bytes) => ({ size_bytes }));
  const written = encodeMessage(response, decodeMessage(response, { drive: { generations } }));
  expect(written).toMatchObject({
    drive: { generations: [{ size_bytes: 0 }, { size_bytes: 2 ** 53 - 1 }, { size_bytes: "9007199254740992" }] },
  });
});

test("a log shows how much a secret holds, and nothing of it", () => {
  const json = {
    label: "config-2",
    files: {
      files: [
        { path: "user_data", text: "päss" },
        { path: "b", content: "c2VjcmV0" },
        { path: "c", same_as: "b" },
      ],
    },
  };
  expect(redactMessage(request, decodeMessage(request, json))).toMatchObject({
    label: "config-2",
    files: {
      files: [
        { path: "user_data", text: "[secret, 5 bytes]" },
        { path: "b", content: "[secret, 6 bytes]" },
        { path: "c", same_as: "b" },
      ],
    },
  });
});
