import { deflateSync, gzipSync } from "node:zlib";
import fc from "#integration/rigs/properties.js";
import type { JsonObject } from "../json.js";
import { writeJson } from "./json.js";
import { decodeMessage, encodeMessage } from "./message.js";

const json = { contentType: "application/json" };
const decode = (text: string | Buffer, properties: object = json) => decodeMessage(Buffer.from(text), properties);

describe("envelope (wire §5.2)", () => {
  const inner = '{"method":"m","args":{}}';
  const enveloped = (version: unknown, message: unknown = inner) =>
    JSON.stringify({ "oslo.version": version, "oslo.message": message });

  test("the inner message is JSON text in a JSON string (§1)", () => {
    expect(encodeMessage({ method: "m", args: { a: "é" } }).body.toString()).toBe(
      '{"oslo.version":"2.0","oslo.message":"{\\"method\\":\\"m\\",\\"args\\":{\\"a\\":\\"é\\"}}"}',
    );
    expect(decode(enveloped("2.0"))).toEqual({ method: "m", args: {} });
    expect(decode(enveloped("2.0.0"))).toEqual({ method: "m", args: {} });
  });

  test.each([false, true])("any message is JSON in a JSON string, and reads back (ASCII only: %s)", (asciiOnly) => {
    const anything = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ stringUnit: "binary" }));
    fc.assert(
      fc.property(anything, (value) => {
        const text = JSON.stringify(value);
        const message: JsonObject = JSON.parse(text);
        const { body } = encodeMessage(message, { asciiOnly });
        expect(JSON.parse(body.toString("utf8"))).toEqual({ "oslo.version": "2.0", "oslo.message": expect.anything() });
        expect(writeJson(decode(body))).toBe(text);
        expect(decode(JSON.stringify({ "oslo.message": text, "oslo.version": "2.0" }))).toEqual(decode(body));
      }),
    );
  });

  test("with and without spaces, in either order, with more beside, an envelope reads alike", () => {
    const message = JSON.stringify(inner);
    for (const body of [
      `{"oslo.version": "2.0", "oslo.message": ${message}}`,
      `{"oslo.version":"2.0","oslo.message":${message}}`,
      ` { "oslo.version" : "2.0" , "oslo.message" : ${message} } `,
      `{"oslo.message":${message},"oslo.version":"2.0"}`,
      `{"oslo.version":"2.0","oslo.message":${message},"more":"a"}`,
      `{"oslo.version":"2.0","oslo.message":"x","oslo.message":${message}}`,
    ]) {
      expect(decode(body)).toEqual({ method: "m", args: {} });
    }
    const deep = `${"[".repeat(1000)}${"]".repeat(1000)}`;
    expect(() => decode(`{"oslo.version":"2.0","oslo.message":${message},"more":${deep}}`)).toThrow("nested deeper");
    expect(() => decode('{"oslo.version":"2.0","oslo.message":"{}" "}')).toThrow("the body is not JSON");
  });

  test.each(["2.1", "1.0", "3.0", "2", "2.0.1", 2.0, null, "x"])("version %j is dropped", (version) => {
    expect(() => decode(enveloped(version))).toThrow("oslo.version");
  });

  test("an object without both keys is the inner message itself", () => {
    expect(decode(inner)).toEqual({ method: "m", args: {} });
    expect(decode('{"oslo.version":"9","method":"m"}')).toMatchObject({ method: "m" });
    expect(encodeMessage({ a: 1 }, { envelope: false }).body.toString()).toBe('{"a":1}');
  });

  test.each(["[]", '"text"', "1", "null", "", "{", "\u0000"])("the body %j is dropped", (body) => {
    expect(() => decode(body)).toThrow("the body is not");
  });

  test.each([{ a: 1 }, [], "[]", "null", "{", 5])("the inner message %j is dropped", (message) => {
    expect(() => decode(enveloped("2.0", message))).toThrow("oslo.message is not");
  });

  test("no error repeats what the body held", () => {
    expect(() => decode(enveloped("2.0", '{"admin_pass": "hunter2"'))).not.toThrow("hunter2");
  });
});

describe("properties (wire §4)", () => {
  test("every message says application/json, utf-8, persistent, priority 0, headers", () => {
    expect(encodeMessage({}).properties).toEqual({
      contentType: "application/json",
      contentEncoding: "utf-8",
      headers: {},
      deliveryMode: 2,
      priority: 0,
    });
  });

  test.each([undefined, "application/json; charset=utf-8", "text/plain", 5])(
    "content type %j is dropped",
    (contentType) => {
      expect(() => decode("{}", { contentType })).toThrow("content_type");
    },
  );

  test("without a content encoding, or with one that is unknown or untrue, the body is UTF-8", () => {
    for (const contentEncoding of [undefined, "utf-8", "UTF8", "x-unknown", "binary", 5]) {
      expect(decode('{"a":"é"}', { ...json, contentEncoding })).toEqual({ a: "é" });
    }
    expect(() => decode(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).toThrow("not UTF-8");
    expect(() => decode(Buffer.from("{}", "utf16le"))).toThrow();
  });

  test("a content encoding that is true is undone, one that garbles the body loses it", () => {
    const utf16 = { ...json, contentEncoding: "utf-16" };
    expect(decode(Buffer.from('{"a":"é"}', "utf16le"), utf16)).toEqual({ a: "é" });
    expect(() => decode('{"even":1}', utf16)).toThrow("not JSON");
  });

  test("ASCII-only output escapes once in each layer and reads back", () => {
    const { body } = encodeMessage({ a: "é😀" }, { asciiOnly: true });
    expect(body.toString("latin1")).toMatch(/^[ -~]*$/);
    expect(decode(body)).toEqual({ a: "é😀" });
  });
});

describe("compression (wire §3.1)", () => {
  const headers = { compression: "application/x-gzip" };

  test('"gzip" is a zlib stream, named in the header', () => {
    const message = encodeMessage({ a: 1 }, { compression: "gzip" });
    expect(message.properties.headers).toEqual(headers);
    expect(message.body[0]).toBe(0x78);
    expect(decodeMessage(message.body, message.properties)).toEqual({ a: 1 });
  });

  test("a peer may compress whatever our options say; a true gzip stream is dropped", () => {
    expect(decode(deflateSync("{}"), { ...json, headers })).toEqual({});
    expect(() => decode(gzipSync("{}"), { ...json, headers })).toThrow("not");
  });

  test("a plain body under the header is read, as Python reads it", () => {
    expect(decode("{}", { ...json, headers })).toEqual({});
    expect(decode("{}", { ...json, headers: { compression: "bogus" } })).toEqual({});
  });

  test("a compression that cannot be undone is named", () => {
    const bz2 = { ...json, headers: { compression: "application/x-bz2" } };
    expect(() => decode("BZh9", bz2)).toThrow('compression "application/x-bz2" is not supported');
  });

  test("a bomb is not inflated", () => {
    const bomb = deflateSync(Buffer.alloc(10_000_000, "["));
    expect(() => decodeMessage(bomb, { ...json, headers }, 1_000_000)).toThrow("inflates to more than 1000000 bytes");
    expect(() => decodeMessage(Buffer.alloc(11, "["), json, 10)).toThrow("more than 10 bytes");
  });
});
