import { alternativeNames } from "./peer-certificate.js";

test("alternative names are taken apart, those in quotes as they were meant", () => {
  expect(alternativeNames("")).toEqual([]);
  expect(alternativeNames('DNS:a.example, URI:"spiffe://x/a, DNS:b", email:m@x, IP Address:127.0.0.1')).toEqual([
    { kind: "DNS", value: "a.example" },
    { kind: "URI", value: "spiffe://x/a, DNS:b" },
    { kind: "email", value: "m@x" },
    { kind: "IP Address", value: "127.0.0.1" },
  ]);
  expect(alternativeNames('URI:"a\\"b\\u0000"')).toEqual([{ kind: "URI", value: 'a"b\u0000' }]);
});

test.each(['URI:"a', 'URI:"a"b', "no kind", 'DNS:a, DNS:"b', 'URI:"\\x"'])(
  "a text that could be misread has no names: %s",
  (text) => {
    expect(alternativeNames(text)).toEqual([]);
  },
);
