import { UnplugRequests } from "./unplug-requests.js";

test("a disk is asked for once in five seconds, whoever asks, and at once when the earlier request is over", () => {
  let now = 0;
  const requests = new UnplugRequests(() => now);
  expect(requests.due("vm-1", "ua-a")).toBe(true);
  now = 4999;
  expect(requests.due("vm-1", "ua-a")).toBe(false);
  expect(requests.due("vm-1", "ua-b")).toBe(true);
  expect(requests.due("vm-2", "ua-a")).toBe(true);
  now = 5000;
  expect(requests.due("vm-1", "ua-a")).toBe(true);
  requests.forget("vm-1", "ua-a");
  expect(requests.due("vm-1", "ua-a")).toBe(true);
});
