import { pino } from "pino";
import { Refusal } from "#drive/refusal.js";
import { watchCatalog } from "./catalog-watch.js";

test("a catalog that goes away and comes back is told of, once each, with the reason in the log", async () => {
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  const away = new Refusal("CATALOG_FAILED", "connection refused");
  const answers = [undefined, away, away, away, undefined, undefined];
  const told: boolean[] = [];
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const check = async () => {
    if (answers.length === 0) return resolve();
    const refusal = answers.shift();
    if (refusal !== undefined) throw refusal;
  };
  const watch = watchCatalog({ check }, logger, async (now) => void told.push(now), 1);
  await asked;
  await watch.stop();
  expect(told).toEqual([false, true]);
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(["catalog_away", "catalog_back"]);
  expect(lines[0]).toContain("connection refused");
});
