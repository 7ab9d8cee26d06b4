import { EventEmitter } from "node:events";
import { HangUps } from "./hang-ups.js";

test("a hang-up before anybody serves it is kept, several are one, and each later one is served", () => {
  const source = new EventEmitter();
  const hangUps = new HangUps(source);
  source.emit("SIGHUP");
  source.emit("SIGHUP");
  let served = 0;
  hangUps.serve(() => served++);
  expect(served).toBe(1);
  source.emit("SIGHUP");
  expect(served).toBe(2);
});
