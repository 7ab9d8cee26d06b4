import { EventEmitter } from "node:events";
import { stopSignals } from "./stop-signals.js";

test("the first signal is the answer, every further one is told", async () => {
  const source = new EventEmitter();
  const again: string[] = [];
  const stopped = stopSignals(source, (name) => again.push(name));
  source.emit("SIGTERM");
  await expect(stopped).resolves.toBe("SIGTERM");
  expect(again).toEqual([]);
  source.emit("SIGINT");
  source.emit("SIGTERM");
  expect(again).toEqual(["SIGINT", "SIGTERM"]);
});
