import { decodeFailure, encodeFailure, failureOf } from "./failure.js";
import { RemoteError, remoteError } from "./remote-error.js";
import { badArguments, noSuchMethod, unsupportedVersion } from "./rpc-failures.js";

describe("failures (wire §7)", () => {
  test("are written with the six keys that Python rebuilds an exception from", () => {
    const text = "Instance uuid-1 could not be found.";
    const failure = failureOf("nova.exception", "InstanceNotFound", text, { instance_id: "uuid-1", code: 404 });
    expect(JSON.parse(encodeFailure(failure))).toEqual({
      class: "InstanceNotFound",
      module: "nova.exception",
      message: text,
      tb: ["Traceback (most recent call last):\n", `nova.exception.InstanceNotFound: ${text}\n`],
      args: [text],
      kwargs: { instance_id: "uuid-1", code: 404 },
    });
  });

  test("the server's own failures have exactly these names and words", () => {
    expect(unsupportedVersion("1.7", "echo")).toMatchObject({
      module: "oslo_messaging.rpc.dispatcher",
      className: "UnsupportedVersion",
      message: "Endpoint does not support RPC version 1.7. Attempted method: echo",
    });
    expect(noSuchMethod("nothere")).toMatchObject({
      module: "oslo_messaging.rpc.dispatcher",
      className: "NoSuchMethod",
      message: "Endpoint does not support RPC method nothere",
    });
    expect(badArguments("x")).toMatchObject({ module: "builtins", className: "TypeError", args: ["x"] });
  });

  test("what is written reads back", () => {
    const failure = failureOf("builtins", "ValueError", "no", { a: 9223372036854775808n });
    expect(decodeFailure(encodeFailure(failure))).toEqual(failure);
  });

  test("missing keys default to empty; exceptions is builtins; a relay's suffix comes off", () => {
    expect(decodeFailure('{"class":"Foo_Remote","module":"a.b_Remote"}')).toEqual({
      className: "Foo",
      module: "a.b",
      message: "",
      args: [],
      kwargs: {},
      traceback: [],
    });
    expect(decodeFailure('{"class":"X","module":"exceptions"}').module).toBe("builtins");
  });

  test.each(["not json", "[]", "5", { class: "X" }, ["x"], true])("the failure %j still fails the call", (text) => {
    expect(decodeFailure(text).message).toBe("the peer's failure cannot be read");
  });

  test("wrong types at its keys become empty values", () => {
    const text = '{"class":1,"module":{},"message":null,"tb":["a",1],"args":{},"kwargs":[]}';
    expect(decodeFailure(text)).toEqual({
      className: "Exception",
      module: "builtins",
      message: "",
      args: [],
      kwargs: {},
      traceback: ["a"],
    });
  });
});

describe("remote errors (wire §7)", () => {
  class InstanceNotFound extends RemoteError {
    override readonly name = "InstanceNotFound";
  }
  const known = new Map([["nova.exception.InstanceNotFound", InstanceNotFound]]);

  test("a listed exception comes as its class, any other as RemoteError with its names", () => {
    expect(remoteError(failureOf("nova.exception", "InstanceNotFound", "gone"), known)).toBeInstanceOf(
      InstanceNotFound,
    );
    const other = remoteError(failureOf("os", "system", "x"), known);
    expect(other).not.toBeInstanceOf(InstanceNotFound);
    expect(other).toMatchObject({ name: "RemoteError", exception: "os.system", message: "x" });
  });
});
