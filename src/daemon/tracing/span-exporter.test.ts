import { otlpTraces } from "./otlp-json.js";
import type { Span } from "./span.js";
import { SpanExporter } from "./span-exporter.js";

const span = (name: string): Span => ({
  ...{ traceId: "a".repeat(32), spanId: "b".repeat(16), parentId: undefined, name, kind: "server" },
  ...{
    startedAt: 1_700_000_000_000.5,
    endedAt: 1_700_000_000_001,
    attributes: { "rpc.method": "m" },
    error: undefined,
  },
});
const never = new AbortController().signal;

function open() {
  const sent: string[][] = [];
  const counted = { exported: 0, dropped: 0 };
  const said: string[] = [];
  const collector = { away: false };
  const note = (_: object, text: string) => void said.push(text);
  const exporter = new SpanExporter({
    async send(spans) {
      if (collector.away) throw new Error("away");
      sent.push(spans.map(({ name }) => name));
    },
    over: (result, count) => {
      counted[result] += count;
    },
    logger: { debug: note, info: note, warn: note, error: note },
  });
  return { exporter, sent, counted, said, collector };
}

test("spans go out in bundles, in order", async () => {
  const { exporter, sent, counted } = open();
  for (let n = 0; n < 600; n++) exporter.take(span(String(n)));
  await exporter.flush(never);
  expect(sent.map(({ length }) => length)).toEqual([512, 88]);
  expect(sent.flat()).toEqual(Array.from({ length: 600 }, (_, n) => String(n)));
  expect(counted).toEqual({ exported: 600, dropped: 0 });
});

test("while the collector is away they wait, as many as may; that is said once, and so is its return", async () => {
  const { exporter, sent, counted, said, collector } = open();
  collector.away = true;
  for (let n = 0; n < 2050; n++) exporter.take(span(String(n)));
  await exporter.flush(never);
  await exporter.flush(never);
  expect(counted).toEqual({ exported: 0, dropped: 2 });
  collector.away = false;
  await exporter.flush(never);
  expect(sent.flat()).toHaveLength(2048);
  expect(said).toEqual(["the collector does not take traces", "the collector takes traces again"]);
  exporter.take(span("last"));
  exporter.drop();
  expect(counted).toEqual({ exported: 2048, dropped: 3 });
});

test("OTLP's JSON has ids in hexadecimal, times in nanoseconds as text, and a status for what failed", () => {
  const resource = { "service.name": "configdrive" };
  const { resourceSpans } = otlpTraces(resource, "1", [span("ok"), { ...span("no"), error: "DRIVE_BUSY" }]);
  expect(resourceSpans).toMatchObject([
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "configdrive" } }] },
      scopeSpans: [
        {
          spans: [
            {
              ...{ traceId: "a".repeat(32), spanId: "b".repeat(16), name: "ok", kind: 2 },
              ...{ startTimeUnixNano: "1700000000000500000", endTimeUnixNano: "1700000000001000000" },
            },
            {
              status: { code: 2, message: "DRIVE_BUSY" },
              attributes: expect.arrayContaining([{ key: "error.type", value: { stringValue: "DRIVE_BUSY" } }]),
            },
          ],
        },
      ],
    },
  ]);
});
