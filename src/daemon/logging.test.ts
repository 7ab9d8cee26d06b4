import { Secret } from "#bus/secret.js";
import { Refusal } from "#drive/refusal.js";
import { logCall } from "./call-log.js";
import { createLogger } from "./logging.js";
import { logOperation } from "./operation-log.js";
import { currentTrace } from "./tracing/current-trace.js";

function capture(debug = false) {
  const text: string[] = [];
  const logger = createLogger("compute-1", debug, { write: (line) => text.push(line) });
  return { logger, text, lines: () => text.map((line): unknown => JSON.parse(line)) };
}

const call = {
  door: "bus",
  method: "get_drive",
  openstackRequestId: "req-1",
  projectId: "p",
  milliseconds: 1,
} as const;

test("a line of a traced call names its trace and span, and no other line does", () => {
  const { logger, lines } = capture();
  const trace = { traceId: "1".repeat(32), parentId: "2".repeat(16), sampled: true, state: undefined };
  currentTrace.run(trace, () => logger.child({ drive_id: "d" }).info("inside"));
  logger.info("outside");
  expect(lines()).toMatchObject([
    { msg: "inside", trace_id: "1".repeat(32), span_id: "2".repeat(16) },
    { msg: "outside" },
  ]);
  expect(lines()[1]).not.toHaveProperty("trace_id");
});

test("a line is JSON with time, level, host and what it is about", () => {
  const { logger, lines } = capture();
  logger.info({ event: "ready" }, "ready");
  expect(lines()).toEqual([
    {
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: "configdrive",
      host: "compute-1",
      pid: process.pid,
      event: "ready",
      msg: "ready",
    },
  ]);
});

test("debug lines are written when asked for", () => {
  const [quiet, loud] = [capture(), capture(true)];
  for (const { logger } of [quiet, loud]) logger.debug("x");
  expect([quiet.text.length, loud.text.length]).toEqual([0, 1]);
});

test("secrets are not printed, whoever logs them", () => {
  const { logger, text } = capture();
  logger.info({ password: "hunter2", config: { transport_url: "hunter2" }, given: new Secret("hunter2") }, "x");
  expect(text.join()).not.toContain("hunter2");
});

test("a call is told with its request id; a refusal with its reason and without a stack, a fault with what was thrown", () => {
  const { logger, lines } = capture();
  logCall(logger, call);
  logCall(logger, { ...call, error: new Refusal("DRIVE_NOT_FOUND", "no drive") });
  logCall(logger, { ...call, error: new Error("broken") });
  const about = { event: "call", door: "bus", method: "get_drive", request_id: "req-1", project_id: "p" };
  expect(lines()).toMatchObject([
    { level: "info", ...about, outcome: "done" },
    { level: "warn", ...about, outcome: "refused", reason: "DRIVE_NOT_FOUND", msg: "get_drive refused: no drive" },
    { level: "error", ...about, outcome: "refused", reason: "INTERNAL", err: { message: "broken" } },
  ]);
  expect(lines()[1]).not.toHaveProperty("err");
});

test("an operation is told with what became of it", () => {
  const { logger, lines } = capture();
  const report = { operationId: "o", kind: "attach", driveId: "d", requestId: "r", milliseconds: 12.4 } as const;
  logOperation(logger, { ...report, outcome: "done" });
  logOperation(logger, { ...report, outcome: "undone", reason: "DEVICE_BUSY", message: "the guest keeps it" });
  expect(lines()).toMatchObject([
    { level: "info", operation_id: "o", drive_id: "d", outcome: "done", duration_ms: 12 },
    { level: "warn", outcome: "undone", reason: "DEVICE_BUSY", msg: "attach of drive d undone: the guest keeps it" },
  ]);
});
