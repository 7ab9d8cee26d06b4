import { ManualClock } from "../manual-clock.js";
import { Complaints } from "./complaints.js";
import { ConnectFailure } from "./connect-failure.js";

function listening(): { clock: ManualClock; lines: string[]; complaints: Complaints } {
  const clock = new ManualClock();
  const lines: string[] = [];
  const keep = (_fields: object, line: string): number => lines.push(line);
  const complaints = new Complaints({ clock, logger: { debug: keep, info: keep, warn: keep, error: keep } });
  return { clock, lines, complaints };
}

test("a broker that stays away is worth a line a minute", async () => {
  const { clock, lines, complaints } = listening();
  const away = new ConnectFailure("unreachable", "mq1:5672", "ECONNREFUSED");
  for (let second = 0; second < 120; second += 1) {
    complaints.say(away);
    await clock.advance(1000);
  }
  expect(lines).toHaveLength(2);
});

test("a refused login is said each time it was tried, another host or another reason at once", () => {
  const { lines, complaints } = listening();
  complaints.say(new ConnectFailure("login-refused", "mq1:5672", "refused"));
  complaints.say(new ConnectFailure("login-refused", "mq1:5672", "refused"));
  complaints.say(new ConnectFailure("unreachable", "mq2:5672", "ECONNREFUSED"));
  complaints.say(new ConnectFailure("unreachable", "mq2:5672", "EHOSTUNREACH"));
  expect(lines).toHaveLength(4);
});

test("what was said before the connection stood is said again after it was lost", () => {
  const { lines, complaints } = listening();
  const away = new ConnectFailure("unreachable", "mq1:5672", "ECONNREFUSED");
  complaints.say(away);
  complaints.forget();
  complaints.say(away);
  expect(lines).toHaveLength(2);
});
