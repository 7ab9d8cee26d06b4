import protobuf from "protobufjs";
import { readServices } from "./contract-reader.js";
import { decodeMessage } from "./decode.js";

/** A service whose one method takes a message with these fields. */
function read(fields: string, options = "") {
  const text = `syntax = "proto3"; package configdrive.v1;
    service S { rpc MakeABootDrive(Q) returns (Q) { ${options} } } message Q { ${fields} }`;
  const { root } = protobuf.parse(text, { keepCase: true });
  root.resolveAll();
  return readServices(root, ["configdrive.v1.S"]);
}

test("the newest `since` of methods and fields is the version of the target", () => {
  expect(read("string a = 1;").version).toBe("1.0");
  expect(read('string a = 1 [(since) = "1.9"]; string b = 2 [(since) = "1.10"];').version).toBe("1.10");
  const { version, methods } = read("string a = 1;", 'option (method_since) = "1.2";');
  expect([version, methods[0]?.since, methods[0]?.busName]).toEqual(["1.2", "1.2", "make_a_boot_drive"]);
});

test("an older peer's request and a newer service's: what is new is left out and takes its default", () => {
  const newer = read('string a = 1; optional string b = 2 [(since) = "1.1"];').methods[0]!.request;
  const older = read("string a = 1;").methods[0]!.request;
  expect(decodeMessage(newer, { a: "x" })).toEqual({ a: "x", b: undefined });
  expect(() => decodeMessage(older, { a: "x", b: "y" })).toThrow("b: is unknown; configdrive.v1.Q has a");
});

test.each([
  ["a map", "map<string, string> m = 1;", "carry no maps"],
  ["floating point", "double d = 1;", "type double"],
  ["an unknown shape", "string s = 1 [(limit).shape = SHAPE_ODD];", "unknown shape: SHAPE_ODD"],
  ["a version that is none", 'string s = 1 [(since) = "2"];', "not a major.minor version"],
])("refused at the start: %s", (_title, fields, text) => {
  expect(() => read(fields)).toThrow(text);
});
