import { CallTimeout } from "#bus/client/call-errors.js";
import type { Meeting } from "./meeting.js";

/** Calls that take longer than their callers bear silence, both ways at once. */
export function describeMonitoredCalls(meeting: () => Meeting): void {
  test("monitored calls outlast the silence that their callers bear; others end at their time (wire §8)", async () => {
    const { ours, peer, target, ourTopic } = meeting();
    const ourCall = (seconds: number, options: object) => ours.client.call(target, "slow", { seconds }, options);
    const theirCall = (seconds: number, prepare: object) =>
      peer.do("call", { target: { topic: ourTopic }, method: "slow", args: { seconds }, prepare });
    expect(
      await Promise.allSettled([
        ourCall(3.6, { monitorSeconds: 3, timeoutMs: 30_000 }),
        theirCall(3.6, { call_monitor_timeout: 3, timeout: 30 }),
        // Not monitored: a heartbeat would kill this call in Python.
        theirCall(1.2, { timeout: 30 }),
        // Its answer would come, were it waited for.
        ourCall(3, { timeoutMs: 1200 }),
      ]),
    ).toEqual([
      { status: "fulfilled", value: "done" },
      { status: "fulfilled", value: "done" },
      { status: "fulfilled", value: "done" },
      { status: "rejected", reason: expect.any(CallTimeout) },
    ]);
  });
}
