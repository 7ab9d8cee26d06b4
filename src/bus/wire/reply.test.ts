import { decodeReply, encodeReply } from "./reply.js";

describe("replies (wire §6)", () => {
  test("all five keys always stand in a reply", () => {
    expect(encodeReply({ kind: "result", result: [1] }, "m", "u")).toEqual({
      result: [1],
      failure: null,
      ending: true,
      _msg_id: "m",
      _unique_id: "u",
    });
    expect(encodeReply({ kind: "failure", failure: "{}" }, "m", "u")).toMatchObject({ result: null, failure: "{}" });
    expect(encodeReply({ kind: "heartbeat" }, "m", "u")).toMatchObject({ result: null, failure: null, ending: false });
  });

  test("a caller tolerates what Python tolerates", () => {
    expect(decodeReply({ _msg_id: "m", ending: 1 })).toEqual({
      msgId: "m",
      ending: true,
      result: null,
      failure: undefined,
    });
    expect(decodeReply({ _msg_id: "m", ending: true, failure: "", result: 1 }).failure).toBeUndefined();
    expect(decodeReply({ _msg_id: "m", result: 1 }).ending).toBe(false);
    expect(decodeReply({ _msg_id: 5, ending: true }).msgId).toBeUndefined();
  });

  test("a failure wins over a result", () => {
    expect(decodeReply({ _msg_id: "m", ending: true, failure: "{}", result: 1 }).failure).toBe("{}");
  });
});
