import { ManualClock } from "../manual-clock.js";
import { LostReplyQueues } from "./lost-reply-queues.js";

test("a lost queue is remembered for a minute", async () => {
  const clock = new ManualClock();
  const lost = new LostReplyQueues(clock);
  lost.add("reply_1");
  await clock.advance(59_999);
  expect(lost.has("reply_1")).toBe(true);
  await clock.advance(1);
  expect(lost.has("reply_1")).toBe(false);
});

test("no more than two hundred are remembered, the oldest goes first", () => {
  const lost = new LostReplyQueues(new ManualClock());
  for (let number = 0; number < 201; number += 1) lost.add(`reply_${number}`);
  expect([lost.has("reply_0"), lost.has("reply_1"), lost.has("reply_200")]).toEqual([false, true, true]);
});
