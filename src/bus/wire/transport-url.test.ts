import { inspect } from "node:util";
import { describeTransportUrl, parseTransportUrl } from "./transport-url.js";

const first = (url: string) => {
  const { hostname, port, username, password } = parseTransportUrl(url).hosts[0]!;
  return { hostname, port, username, password: password.reveal() };
};

describe("transport_url (wire §14.1)", () => {
  test("rule 1: each host has its own login, which ends at the last @ and whose user ends at the first colon", () => {
    expect(first("rabbit://us@er:p:w@h:5/")).toEqual({ hostname: "h", port: 5, username: "us@er", password: "p:w" });
    expect(first("rabbit://us%20er:p%2Cx%2F@h/")).toMatchObject({ username: "us er", password: "p,x/" });
    expect(parseTransportUrl("rabbit://u:p@h1,,v:q@h2:5673/").hosts.map((h) => h.hostname)).toEqual(["h1", "h2"]);
  });

  test("rule 2: space and non-ASCII pass unencoded, a broken pair stays as it is", () => {
    expect(first("rabbit://u:pä ö%zz%c3%a9@h/")).toMatchObject({ password: "pä ö%zzé" });
  });

  test("rule 3: IPv6 stands in brackets; an empty port is 5672, also with ssl", () => {
    expect(first("rabbit://u:p@[::1]:5673/v")).toMatchObject({ hostname: "::1", port: 5673 });
    expect(first("rabbit://u:p@[fe80::1]/v")).toMatchObject({ hostname: "fe80::1", port: 5672 });
    expect(first("rabbit://u:p@h:/v?ssl=1")).toMatchObject({ port: 5672 });
    expect(() => parseTransportUrl("rabbit://u:p@::1/v")).toThrow("transport_url: host 1 of 1: name: an IPv6 address");
  });

  test("rule 4: a login is not inherited; a host without one gets guest and says so", () => {
    const hosts = parseTransportUrl("rabbit://u:p@h1,h2/").hosts;
    expect(hosts.map((host) => [host.username, host.ownLogin])).toEqual([
      ["u", true],
      ["guest", false],
    ]);
    expect(first("rabbit://u@h")).toMatchObject({ username: "u", password: "guest" });
  });

  test("rule 5: no host at all is guest at localhost", () => {
    expect(first("rabbit://")).toEqual({ hostname: "localhost", port: 5672, username: "guest", password: "guest" });
    expect(first("rabbit:///v")).toMatchObject({ hostname: "localhost" });
  });

  test.each([
    ["rabbit://h", "/"],
    ["rabbit://h/", "/"],
    ["rabbit://h//", "/"],
    ["rabbit://h/%2F", "/"],
    ["rabbit://h/a/b", "a/b"],
    ["rabbit://h/a%2Fb", "a/b"],
    ["rabbit://h/v#fragment", "v"],
    ["RABBIT://h/v?ssl=1", "v"],
    ["kombu://h/v", "v"],
  ])("rule 6: the virtual host of %s is %s", (url, virtualHost) => {
    expect(parseTransportUrl(url).virtualHost).toBe(virtualHost);
  });

  test("rule 7: the query gives options, repeated ones joined", () => {
    const query = parseTransportUrl("rabbit://h/v?ssl=1&rabbit_qos_prefetch_count=5&a=1&a=2&empty=").query;
    expect([...query]).toEqual([
      ["ssl", "1"],
      ["rabbit_qos_prefetch_count", "5"],
      ["a", "1,2"],
    ]);
  });

  test("no part of it shows the password", () => {
    const url = parseTransportUrl("rabbit://user:hunter2@h:5673,u2:hunter3@[::1]/my%2Fhost?ssl=1");
    const shown = describeTransportUrl(url) + inspect(url, { depth: 9 }) + JSON.stringify(url.hosts);
    expect(shown).not.toMatch(/hunter/);
    expect(describeTransportUrl(url)).toBe("rabbit://user:***@h:5673,u2:***@[::1]:5672/my%2Fhost");
  });

  test.each([
    ["amqp://u:hunter2@h/", "transport_url: driver:"],
    ["h:5672", "transport_url: must have the form"],
    ["", "transport_url: must have the form"],
    ["rabbit://u:hunter2@h:port/", "transport_url: host 1 of 1: port:"],
    ["rabbit://u:p@h,u:hunter2@h:70000/", "transport_url: host 2 of 2: port:"],
    ["rabbit://u:p@h:0/", "transport_url: host 1 of 1: port:"],
    ["rabbit://u:hunter2/x@h/v", "transport_url: host 1 of 1: port:"],
    ["rabbit://u:hunter2,x@h/v", "transport_url: host 1 of 2: port:"],
    ["rabbit://u:5#hunter2@h/v", undefined],
    ["rabbit://u:5/hunter2@h/v", "transport_url: virtual host:"],
    ["rabbit://u:p@ho st/v", "transport_url: host 1 of 1: name:"],
    ["rabbit://u:p@[::1/v", "transport_url: host 1 of 1: name:"],
  ])("%s is refused with the part that is wrong, and without the password", (url, part) => {
    let message: string | undefined;
    try {
      parseTransportUrl(url);
    } catch (error) {
      message = String(error);
    }
    if (part === undefined) expect(message).toBeUndefined();
    else expect(message).toContain(part);
    expect(message ?? "").not.toContain("hunter2");
  });
});
