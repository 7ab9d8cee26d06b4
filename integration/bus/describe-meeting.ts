import { describeAsClient } from "./as-client.js";
import { describeAsServer } from "./as-server.js";
import { Meeting, type MeetingSetup } from "./meeting.js";
import { describeMonitoredCalls } from "./monitored-calls.js";
import { describeNotifications } from "./notified.js";

/** All that two peers do with each other. */
export function describeMeeting(setup: () => MeetingSetup): void {
  let met: Meeting | undefined;
  const meeting = (): Meeting => {
    if (met === undefined) throw new Error("the peers did not meet");
    return met;
  };

  beforeAll(async () => {
    met = await Meeting.start(setup());
  }, 120_000);

  afterAll(() => met?.[Symbol.asyncDispose](), 30_000);

  describe("our client, their server", () => describeAsClient(meeting));
  describe("their client, our server", () => describeAsServer(meeting));
  describe("both", () => describeMonitoredCalls(meeting));
  describe("notifications", () => describeNotifications(meeting));
}
