import { agentProtocol, PROTOCOL_VERSION } from "../protocol.js";
import type { HostReport } from "../report.js";
import { Agents } from "./agents.js";

let at = 0;
let changes: string[] = [];
let agents = new Agents(
  () => 0,
  () => new Date(),
  { graceMs: 0, returnMs: 0 },
  () => undefined,
);
beforeEach(() => {
  at = 0;
  changes = [];
  agents = new Agents(
    () => at,
    () => new Date(at),
    { graceMs: 30_000, returnMs: 20_000 },
    (host, state) => void changes.push(`${host} ${state}`),
  );
});

function report(agentId: string, change: Partial<HostReport> = {}): HostReport {
  return {
    host: "a",
    agentId,
    programVersion: "1",
    protocolVersion: "1.0",
    hypervisor: { name: "file", devices: [] },
    launches: true,
    intervalMs: 10_000,
    startedAt: new Date(0),
    leaving: false,
    ...change,
  };
}

test("a host is there while its agent reports, away after three reports that did not come, and there again", () => {
  agents.heard(report("1"));
  at = 29_999;
  agents.tick();
  expect(agents.stateOf("a")).toBe("PRESENT");
  at = 30_000;
  agents.tick();
  expect(() => agents.versionFor("a")).toThrow(expect.objectContaining({ reason: "HOST_UNREACHABLE" }));
  at = 31_000;
  agents.heard(report("1"));
  expect(changes).toEqual(["a PRESENT", "a AWAY", "a PRESENT"]);
  expect(agents.view()).toMatchObject([{ host: "a", state: "PRESENT", seenAt: new Date(31_000) }]);
});

test("an agent that does not answer, or takes its leave, is away at once", () => {
  agents.heard(report("1"));
  agents.silent("a");
  agents.heard(report("1"));
  agents.heard(report("1", { leaving: true }));
  expect(changes).toEqual(["a PRESENT", "a AWAY", "a PRESENT", "a AWAY"]);
});

test("one that was started anew is told of again, and is no rival of the one before", () => {
  agents.heard(report("1"));
  at = 5000;
  agents.heard(report("2"));
  expect(changes).toEqual(["a PRESENT", "a PRESENT"]);
  expect(agents.versionFor("a")).toBe("1.0");
});

test("two agents that go on in turn are rivals, until one of them ends", () => {
  for (const [id, when] of [
    ["1", 0],
    ["2", 5000],
    ["1", 10_000],
  ] as const) {
    at = when;
    agents.heard(report(id));
  }
  expect(agents.stateOf("a")).toBe("AMBIGUOUS");
  expect(() => agents.versionFor("a")).toThrow(
    expect.objectContaining({ message: expect.stringContaining("two agents") }),
  );
  at = 25_000;
  agents.heard(report("2"));
  at = 40_000;
  agents.tick();
  expect(changes.at(-1)).toBe("a PRESENT");
});

test("the version is the newest that both have; another major version is refused", () => {
  agents.heard(report("1", { protocolVersion: "1.7" }));
  expect(agents.versionFor("a")).toBe(PROTOCOL_VERSION);
  agents.heard(report("1", { protocolVersion: "1.0" }));
  expect(agents.versionFor("a")).toBe("1.0");
  agents.heard(report("1", { host: "b", protocolVersion: "2.0" }));
  expect(() => agents.versionFor("b")).toThrow(expect.objectContaining({ message: expect.stringContaining("2.0") }));
});

test("a host that nothing was heard of is unknown, but not at the beginning", () => {
  agents.heard(report("1"));
  expect(() => agents.require("far")).toThrow(expect.objectContaining({ reason: "HOST_UNREACHABLE" }));
  at = 30_000;
  expect(() => agents.require("far")).toThrow(
    expect.objectContaining({ reason: "HOST_UNKNOWN", violations: [{ field: "host", rule: "agents are on a" }] }),
  );
  agents.require("a");
});

test("an agent that took its leave is waited for until the next one is there, or is not expected any more", async () => {
  const { signal } = new AbortController();
  agents.heard(report("1"));
  expect(agents.isExpected("a")).toBe(false);
  await agents.returned("a", signal);
  for (const [id, back] of [
    ["1", true],
    ["2", false],
  ] as const) {
    agents.heard(report(id, { leaving: true }));
    let waited = false;
    const returned = agents.returned("a", signal).then(() => {
      waited = true;
    });
    at += 19_999;
    agents.tick();
    await Promise.resolve();
    expect([agents.isExpected("a"), waited]).toEqual([true, false]);
    if (back) agents.heard(report("2"));
    else at += 1;
    agents.tick();
    await returned;
    expect([agents.isExpected("a"), agents.stateOf("a")]).toEqual([false, back ? "PRESENT" : "AWAY"]);
  }
});

test("who waits for an agent ends with the signal, and when nobody is waited for any more", async () => {
  agents.heard(report("1", { leaving: true }));
  const stop = new AbortController();
  const waits = [agents.returned("a", stop.signal), agents.returned("a", new AbortController().signal)] as const;
  stop.abort();
  await waits[0];
  expect(agents.isExpected("a")).toBe(true);
  agents.close();
  await waits[1];
  await agents.returned("a", new AbortController().signal);
  expect(agents.isExpected("a")).toBe(false);
});

test("one that did not answer is not expected: it may be away for long", () => {
  agents.heard(report("1"));
  agents.silent("a");
  expect(agents.isExpected("a")).toBe(false);
});

test("an instance can be run where the one agent that runs any is expected back", () => {
  agents.heard(report("1", { leaving: true }));
  expect(agents.launching()).toEqual(["a"]);
  at += 20_000;
  expect(() => agents.launching()).toThrow(expect.objectContaining({ reason: "HOST_UNREACHABLE" }));
});

test("the protocol's version is that of its newest part", () => {
  expect(agentProtocol().version).toBe(PROTOCOL_VERSION);
});
