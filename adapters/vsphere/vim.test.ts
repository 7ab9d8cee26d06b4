import { AnswerError, envelope, readAnswer, textOf, VimFault } from "./vim.js";

const answer = (body: string) =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>${body}</e:Body></e:Envelope>`;
const fault = (detail: string) =>
  answer(`<e:Fault><faultcode>ServerFaultCode</faultcode><faultstring>said so</faultstring>${detail}</e:Fault>`);

test("an answer is what stands in the body", () => {
  expect(textOf(readAnswer(answer("<R xmlns='urn:vim25'><returnval> vm-1 </returnval></R>")), "returnval")).toBe(
    "vm-1",
  );
});

test.each([
  ['<detail><InvalidLoginFault xmlns="urn:vim25" xsi:type="InvalidLogin"/></detail>', "InvalidLogin"],
  ['<detail><Fault xsi:type="vim25:FileNotFound"/></detail>', "FileNotFound"],
  ["<detail><NotAuthenticatedFault/></detail>", "NotAuthenticated"],
  ["", ""],
])("a fault with %j is of type %j", (detail, type) => {
  expect(() => readAnswer(fault(detail))).toThrow(expect.objectContaining({ type, message: "said so" }));
  expect(() => readAnswer(fault(detail))).toThrow(VimFault);
});

test.each(["", "<html><body>busy</body></html>", "<a>", answer("")])("%j is no answer of vCenter's", (text) => {
  expect(() => readAnswer(text)).toThrow(AnswerError);
});

test("what is put into a request is escaped", () => {
  expect(envelope("Login", { type: "S", value: "a&b" }, "")).toContain('<_this type="S">a&#38;b</_this>');
});
