import { z } from "zod";
import { ScriptedMonitor } from "./scripted-monitor.js";
import { Session } from "./session.js";

const limits = { answerMs: 100, unplugMs: 100 };
const never = new AbortController().signal;

test("an answer of another form is told as a failure of the hypervisor, with the command", async () => {
  await using monitor = await ScriptedMonitor.open(({ id }, reply) => reply({ return: "surprise", id }));
  await using session = await Session.open("vm-1", monitor.path, limits, never);
  await expect(session.run("query-block", {}, z.array(z.object({})))).rejects.toMatchObject({
    reason: "HYPERVISOR_FAILED",
    metadata: { instance_id: "vm-1", command: "query-block" },
  });
});

test("a monitor that does not answer is unreachable after the limit", async () => {
  await using monitor = await ScriptedMonitor.open(() => undefined);
  await using session = await Session.open("vm-1", monitor.path, limits, never);
  await expect(session.do("device_add", {})).rejects.toMatchObject({
    reason: "HYPERVISOR_UNREACHABLE",
    message: "QEMU did not answer device_add for instance vm-1 within 100 ms",
  });
});

test("the caller's deadline comes before the limit and is told as such", async () => {
  await using monitor = await ScriptedMonitor.open(() => undefined);
  await using session = await Session.open(
    "vm-1",
    monitor.path,
    { ...limits, answerMs: 5000 },
    AbortSignal.timeout(50),
  );
  await expect(session.do("device_add", {})).rejects.toMatchObject({ reason: "DEADLINE_EXCEEDED" });
});

test("steps are taken back even when the caller has given up, and a failure of that is told, not thrown", async () => {
  const seen: string[] = [];
  await using monitor = await ScriptedMonitor.open(({ execute, id }, reply) => {
    seen.push(execute);
    if (execute === "blockdev-del") reply({ return: {}, id });
    else if (execute === "device_del") reply({ error: { class: "GenericError", desc: "no" }, id });
  });
  const caller = new AbortController();
  await using session = await Session.open("vm-1", monitor.path, limits, caller.signal);
  caller.abort();
  await expect(session.do("device_add", {})).rejects.toMatchObject({ reason: "CANCELLED" });
  await expect(session.undo((undoing) => undoing.do("blockdev-del", {}))).resolves.toBe(true);
  await expect(session.undo((undoing) => undoing.do("device_del", {}))).resolves.toBe(false);
  expect(seen).toEqual(["blockdev-del", "device_del"]);
});
