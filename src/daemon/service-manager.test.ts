import { pino } from "pino";
import { until } from "#integration/rigs/wait.js";
import { ServiceManager } from "./service-manager.js";

const silent = pino({ level: "silent" });

function managed(env: Readonly<Record<string, string>>) {
  const sent: string[] = [];
  const manager = ServiceManager.from(env, 42, silent, async (message) => void sent.push(message));
  return { manager, sent };
}

test("a process that nobody manages tells nobody", async () => {
  const { manager, sent } = managed({ WATCHDOG_USEC: "1000" });
  await manager.ready();
  await manager.stopping();
  await manager.close();
  expect(sent).toEqual([]);
});

test("the manager hears that it is ready, that it lives, and that it stops", async () => {
  const { manager, sent } = managed({ NOTIFY_SOCKET: "/s", WATCHDOG_USEC: "20000", WATCHDOG_PID: "42" });
  await manager.ready();
  await until(10_000, "the watchdog to be fed twice", () => sent.length >= 3);
  await manager.stopping();
  await manager.close();
  expect(sent[0]).toBe("READY=1");
  expect(sent).toContain("STOPPING=1");
  expect(new Set(sent)).toEqual(new Set(["READY=1", "WATCHDOG=1", "STOPPING=1"]));
});

test.each<[string, Record<string, string>]>([
  ["of another process", { WATCHDOG_USEC: "1000", WATCHDOG_PID: "43" }],
  ["that is switched off", { WATCHDOG_USEC: "0" }],
  ["that makes no sense", { WATCHDOG_USEC: "soon" }],
  ["that is not there", {}],
])("a watchdog %s is not fed", async (_what, env) => {
  const { manager, sent } = managed({ NOTIFY_SOCKET: "/s", ...env });
  await manager.ready();
  await manager.close();
  expect(sent).toEqual(["READY=1"]);
});

test("a manager that cannot be told is no reason to fail", async () => {
  const failing = async () => {
    throw new Error("no such program");
  };
  const manager = ServiceManager.from({ NOTIFY_SOCKET: "/s" }, 42, silent, failing);
  await manager.ready();
  await manager.close();
});
