import { createHash } from "node:crypto";
import { requestDigest } from "./request-digest.js";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

test("every part carries its type and length, fields in the order of their names", () => {
  const fields = { b: "é", a: [1, true, undefined], c: { d: Buffer.from("xy"), e: undefined }, f: "" };
  const list = "list:3;number:1;boolean:true;undefined:undefined;";
  const record = "record:1;string:1:dbytes:2:xy";
  const parts = `string:1:a${list}string:1:bstring:2:é` + `string:1:c${record}string:1:fstring:0:`;
  expect(requestDigest("m", fields)).toBe(sha256(`string:1:mrecord:4;${parts}`));
});

test.each([
  [{ a: "1" }, { a: 1 }],
  [{ a: ["b", "c"] }, { a: ["bc"] }],
  [{ a: "bc" }, { a: "b", c: "" }],
  [{ a: Buffer.from("b") }, { a: "b" }],
  [{ a: [Buffer.from("b"), Buffer.from("c")] }, { a: [Buffer.from("bc")] }],
])("%j and %j are not the same request", (one, other) => {
  expect(requestDigest("m", one)).not.toBe(requestDigest("m", other));
});

test("the order of fields and those that are unset make no difference", () => {
  expect(requestDigest("m", { a: 1, b: 2, c: undefined })).toBe(requestDigest("m", { b: 2, a: 1 }));
});
